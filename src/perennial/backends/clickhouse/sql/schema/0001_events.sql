-- name: create_events
-- The log: one row per call, a person's rows side by side in order of time, so that questions about
-- people are aggregated in order with bounded memory and one person is a handful of granules.
-- The deduplication window counts (insert, month) pairs: an append repeated under its token adds nothing.
CREATE TABLE IF NOT EXISTS {database:Identifier}.events (
    profile_id UInt64,
    occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    name LowCardinality(String),
    kind LowCardinality(String),
    origin LowCardinality(String),
    source LowCardinality(String),
    message_id String CODEC(ZSTD(1)),
    user_id String CODEC(ZSTD(1)),
    anonymous_id String CODEC(ZSTD(1)),
    numbers Map(LowCardinality(String), Float64) CODEC(ZSTD(1)),
    texts Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    lists Map(LowCardinality(String), Array(String)) CODEC(ZSTD(1)),
    raw String CODEC(ZSTD(1)),
    -- The person did something: asked of every row by "first seen", which must not read a map for it.
    is_activity UInt8 MATERIALIZED kind IN ('track', 'page', 'screen')
        OR (kind = 'perennial' AND name IN ('message_opened', 'message_clicked') AND texts['by'] = 'person')
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (profile_id, occurred_at, message_id)
SETTINGS non_replicated_deduplication_window = 100000, fsync_after_insert = 1, fsync_part_directory = 1,
    -- Replaced parts are looked for every few seconds from the beginning: 0005 says why, and for what is there already.
    cleanup_delay_period = 5, cleanup_delay_period_random_add = 0, max_cleanup_delay_period = 5,
    cleanup_thread_preferred_points_per_iteration = 0;

-- name: create_overrides
-- Merges: rows of `profile_id` count as `canonical_id`'s; the highest version of a row stands.
CREATE TABLE IF NOT EXISTS {database:Identifier}.overrides (
    profile_id UInt64,
    canonical_id UInt64,
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY profile_id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1,
    -- Replaced parts are looked for every few seconds from the beginning: 0005 says why, and for what is there already.
    cleanup_delay_period = 5, cleanup_delay_period_random_add = 0, max_cleanup_delay_period = 5,
    cleanup_thread_preferred_points_per_iteration = 0;
