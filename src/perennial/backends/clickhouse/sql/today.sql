-- Counted from the rollup, whose whole quarters before that of `now` hold all there is; what happened in the
-- quarter of `now` is counted in the log, up to `now`.
-- A source may not use our names: what is activity and is none of our messages, a source wrote.

-- name: today_names
-- How many source events there are under each name, and the first and last quarter with any of it.
SELECT
    toString(name) AS name,
    sum(counted) AS events,
    min(first_cell) AS first_quarter,
    max(last_cell) AS last_quarter
FROM (
    SELECT name, sum(events) AS counted, min(quarter) AS first_cell, max(quarter) AS last_cell
    FROM {database:Identifier}.rollup
    WHERE is_activity AND NOT startsWith(name, 'message_') AND quarter < {quarter:DateTime64(6, 'UTC')}
    GROUP BY name
    UNION ALL
    SELECT
        name, count()::Int64 AS counted,
        {quarter:DateTime64(6, 'UTC')}::DateTime64(0, 'UTC') AS first_cell, first_cell AS last_cell
    FROM {database:Identifier}.events
    WHERE occurred_at >= {quarter:DateTime64(6, 'UTC')} AND occurred_at <= {now:DateTime64(6, 'UTC')}
        AND origin = 'source' AND kind IN ('track', 'page', 'screen')
    GROUP BY name
)
GROUP BY name
HAVING sum(counted) > 0
ORDER BY events DESC, name;

-- name: today_span
-- When the first and the last source event happened, which lie in these quarters.
SELECT
    min(occurred_at) AS first_at,
    max(occurred_at) AS last_at
FROM {database:Identifier}.events
WHERE occurred_at <= {now:DateTime64(6, 'UTC')}
    AND (
        (occurred_at >= {first:DateTime64(6, 'UTC')} AND occurred_at < {first_end:DateTime64(6, 'UTC')})
        OR occurred_at >= {last:DateTime64(6, 'UTC')}
    )
    AND origin = 'source' AND kind IN ('track', 'page', 'screen');

-- name: today_days
-- Source events and people with one, by local day; rows of merged people count as the person's who was kept.
WITH merged AS (SELECT profile_id, canonical_id FROM {database:Identifier}.overrides FINAL)
SELECT
    toString(active.day) AS day,
    sum(active.counted) AS events,
    uniqExact(ifNull(merged.canonical_id, active.profile_id)) AS people
FROM (
    SELECT profile_id, toDate32(toTimeZone(quarter, {zone:String})) AS day, sum(events) AS counted
    FROM {database:Identifier}.rollup
    WHERE is_activity AND NOT startsWith(name, 'message_')
        AND quarter >= {start:DateTime64(6, 'UTC')} AND quarter < {quarter:DateTime64(6, 'UTC')}
    GROUP BY profile_id, day
    HAVING counted != 0
    UNION ALL
    SELECT profile_id, toDate32(toTimeZone(occurred_at, {zone:String})) AS day, count()::Int64 AS counted
    FROM {database:Identifier}.events
    WHERE occurred_at >= greatest({start:DateTime64(6, 'UTC')}, {quarter:DateTime64(6, 'UTC')})
        AND occurred_at <= {now:DateTime64(6, 'UTC')}
        AND origin = 'source' AND kind IN ('track', 'page', 'screen')
    GROUP BY profile_id, day
) AS active
LEFT JOIN merged ON merged.profile_id = active.profile_id
GROUP BY active.day
ORDER BY active.day;

-- name: today_withheld
-- Messages of controls: decided, recorded, not sent.
SELECT uniqExact(message_id) AS messages
FROM {database:Identifier}.events
PREWHERE name = 'message_withheld' AND kind = 'perennial' AND occurred_at <= {now:DateTime64(6, 'UTC')};

-- name: log_version
-- What changes whenever rows are added to the log, or people are merged: counted from metadata, not rows.
SELECT
    (SELECT count() FROM {database:Identifier}.events) AS events,
    (SELECT count() FROM {database:Identifier}.overrides) AS merges,
    (SELECT max(version) FROM {database:Identifier}.overrides) AS last_merge;

-- name: today_runs
-- Runs through every journey: how many began, ended, and reached the goal.
SELECT
    texts['journey'] AS journey,
    uniqExactIf(texts['enrollment'], name = 'journey_entered') AS entered,
    uniqExactIf(texts['enrollment'], name = 'journey_left') AS ended,
    uniqExactIf(texts['enrollment'], name = 'journey_goal_reached') AS reached
FROM {database:Identifier}.events
PREWHERE name IN ('journey_entered', 'journey_left', 'journey_goal_reached') AND kind = 'perennial'
    AND occurred_at <= {now:DateTime64(6, 'UTC')}
GROUP BY journey
ORDER BY journey;
