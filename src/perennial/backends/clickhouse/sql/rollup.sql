-- name: correct_rollup
-- Cells of given profiles in a span of whole quarters become what the log says: the difference is added.
-- Not deduplicated: the same difference may be missing twice.
INSERT INTO {database:Identifier}.rollup (name, quarter, profile_id, is_activity, events)
SELECT name, quarter, profile_id, is_activity, sum(counted) AS events
FROM (
    SELECT
        name,
        fromUnixTimestamp64Micro(at - positiveModulo(at, 900000000), 'UTC')::DateTime64(0, 'UTC') AS quarter,
        profile_id,
        is_activity,
        count()::Int64 AS counted
    FROM (
        SELECT name, profile_id, is_activity, toUnixTimestamp64Micro(occurred_at) AS at
        FROM {database:Identifier}.events
        WHERE profile_id IN {profiles:Array(UInt64)}
            AND occurred_at >= {start:DateTime64(6, 'UTC')} AND occurred_at < {end:DateTime64(6, 'UTC')}
            AND kind IN ('track', 'page', 'screen', 'perennial')
    )
    GROUP BY profile_id, name, quarter, is_activity
    UNION ALL
    SELECT name, quarter, profile_id, is_activity, -events AS counted
    FROM {database:Identifier}.rollup
    WHERE profile_id IN {profiles:Array(UInt64)}
        AND quarter >= {start:DateTime64(6, 'UTC')} AND quarter < {end:DateTime64(6, 'UTC')}
)
GROUP BY name, quarter, profile_id, is_activity
HAVING events != 0
SETTINGS insert_deduplicate = 0;
