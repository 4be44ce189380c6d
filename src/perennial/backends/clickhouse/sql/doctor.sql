-- name: settings_now
-- What some settings are at present.
SELECT name, value FROM system.settings WHERE name IN {names:Array(String)};

-- name: tables_that_keep
-- The tables of a workspace that hold what must not be lost, and how they are made.
SELECT name, engine_full
FROM system.tables
WHERE database = {database:String} AND name IN ('events', 'overrides', 'rollup')
ORDER BY name;

-- name: rollup_differences
-- Names and days (UTC) of a span whose cells do not sum up to the log's rows.
SELECT name, day, sum(logged) AS logged, sum(rolled) AS rolled
FROM (
    SELECT toString(name) AS name, toDate32(occurred_at) AS day, is_activity, count()::Int64 AS logged, 0::Int64 AS rolled
    FROM {database:Identifier}.events
    WHERE occurred_at >= {start:DateTime64(6, 'UTC')} AND occurred_at < {end:DateTime64(6, 'UTC')}
        AND kind IN ('track', 'page', 'screen', 'perennial')
    GROUP BY name, day, is_activity
    UNION ALL
    SELECT toString(name) AS name, toDate32(quarter) AS day, is_activity, 0::Int64 AS logged, sum(events) AS rolled
    FROM {database:Identifier}.rollup
    WHERE quarter >= {start:DateTime64(6, 'UTC')} AND quarter < {end:DateTime64(6, 'UTC')}
    GROUP BY name, day, is_activity
)
GROUP BY name, day, is_activity
HAVING logged != rolled
ORDER BY day, name
LIMIT 20
SETTINGS max_execution_time = 30;

-- name: received_since
-- Rows received since an instant.
SELECT count() AS received FROM {database:Identifier}.events WHERE received_at >= {since:DateTime64(6, 'UTC')};

-- name: doubled_messages
-- Calls received since an instant that stand in the log more than once; one of `share` message ids is looked at.
SELECT source, message_id
FROM {database:Identifier}.events
WHERE received_at >= {since:DateTime64(6, 'UTC')} AND cityHash64(message_id) % {share:UInt64} = 0
GROUP BY source, message_id
HAVING count() > 1
ORDER BY message_id
LIMIT 20
SETTINGS max_execution_time = 30;

-- name: segment_members_by_log
-- People never merged whose last event about a segment says that they entered it.
SELECT segment, countIf(last = 'segment_entered') AS people
FROM (
    SELECT texts['segment'] AS segment, profile_id, argMax(toString(name), occurred_at) AS last
    FROM {database:Identifier}.events
    WHERE kind = 'perennial' AND name IN ('segment_entered', 'segment_left')
        AND profile_id NOT IN (
            SELECT profile_id FROM {database:Identifier}.overrides FINAL WHERE profile_id != canonical_id
            UNION ALL
            SELECT canonical_id FROM {database:Identifier}.overrides FINAL WHERE profile_id != canonical_id
        )
    GROUP BY segment, profile_id
)
GROUP BY segment
SETTINGS max_execution_time = 30;
