-- name: create_rollup
-- How often each person did each thing in each quarter of an hour: what is asked all day is counted from
-- here. Every zone's days begin at a quarter of an hour, so any zone's hours, days and weeks are sums of cells.
-- Profiles are those of the log's rows: a question unites merged ones by `overrides`, as it does for events.
-- Cells of one key are summed when they are read; corrections are cells too, and may be negative.
CREATE TABLE IF NOT EXISTS {database:Identifier}.rollup (
    name LowCardinality(String),
    quarter DateTime64(0, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    profile_id UInt64,
    is_activity UInt8,
    events Int64 CODEC(T64, ZSTD(1))
)
ENGINE = SummingMergeTree(events)
PARTITION BY toYYYYMM(quarter)
ORDER BY (name, quarter, profile_id, is_activity)
SETTINGS non_replicated_deduplication_window = 100000, fsync_after_insert = 1, fsync_part_directory = 1,
    -- Replaced parts are looked for every few seconds from the beginning: 0005 says why, and for what is there already.
    cleanup_delay_period = 5, cleanup_delay_period_random_add = 0, max_cleanup_delay_period = 5,
    cleanup_thread_preferred_points_per_iteration = 0;

-- name: empty_rollup
-- A migration that was interrupted begins anew.
TRUNCATE TABLE {database:Identifier}.rollup;

-- name: fill_rollup
-- What the log holds already; in the log's own order, so that memory is bounded.
INSERT INTO {database:Identifier}.rollup (name, quarter, profile_id, is_activity, events)
SELECT
    name,
    fromUnixTimestamp64Micro(at - positiveModulo(at, 900000000), 'UTC') AS quarter,
    profile_id,
    is_activity,
    count() AS events
FROM (
    SELECT name, profile_id, is_activity, toUnixTimestamp64Micro(occurred_at) AS at
    FROM {database:Identifier}.events
    WHERE kind IN ('track', 'page', 'screen', 'perennial')
)
GROUP BY profile_id, name, quarter, is_activity;

-- name: create_rollup_feed
-- From now on every append adds its cells. Where an append is repeated under its token, the rows that are there
-- are passed on to here nevertheless, and this table's own window drops the cells that are there.
CREATE MATERIALIZED VIEW IF NOT EXISTS {database:Identifier}.rollup_feed TO {database:Identifier}.rollup AS
SELECT
    name,
    fromUnixTimestamp64Micro(at - positiveModulo(at, 900000000), 'UTC') AS quarter,
    profile_id,
    is_activity,
    count() AS events
FROM (
    SELECT name, profile_id, is_activity, toUnixTimestamp64Micro(occurred_at) AS at
    FROM {database:Identifier}.events
    WHERE kind IN ('track', 'page', 'screen', 'perennial')
)
GROUP BY name, quarter, profile_id, is_activity;
