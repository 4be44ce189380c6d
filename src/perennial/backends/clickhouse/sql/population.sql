-- name: people
-- Numbers about each person of a slice, in one pass over their rows.
SELECT profile_id<<columns>>
FROM (
    SELECT profile_id, occurred_at, message_id<<row_columns>>
    FROM {database:Identifier}.events
    WHERE <<rows>>
)
GROUP BY profile_id;

-- name: people_apart
-- The same where some profiles were merged: those people are left to `people_merged`.
SELECT profile_id<<columns>>
FROM (
    SELECT profile_id, occurred_at, message_id<<row_columns>>
    FROM {database:Identifier}.events
    WHERE <<rows>> AND profile_id NOT IN (
        SELECT profile_id FROM {database:Identifier}.overrides FINAL
        UNION ALL
        SELECT canonical_id FROM {database:Identifier}.overrides FINAL
    )
)
GROUP BY profile_id;

-- name: people_merged
-- People whose profiles were merged, under the profile that was kept. Their rows may lie on several shards.
WITH merged AS (
    SELECT profile_id, canonical_id FROM {database:Identifier}.overrides FINAL
    UNION DISTINCT
    SELECT canonical_id AS profile_id, canonical_id FROM {database:Identifier}.overrides FINAL
)
SELECT canonical_id AS profile_id<<columns>>
FROM (
    SELECT merged.canonical_id AS canonical_id, occurred_at, message_id<<row_columns>>
    FROM {database:Identifier}.events AS events
    INNER JOIN merged ON events.profile_id = merged.profile_id
    WHERE <<rows>> AND events.profile_id IN (SELECT profile_id FROM merged)
)
GROUP BY canonical_id;

-- name: size_of_log
-- How many people there are, about: those of a 256th of all ids, and all rows.
SELECT
    count() AS rows,
    (
        SELECT uniqExact(profile_id)
        FROM {database:Identifier}.events
        WHERE profile_id < {sample:UInt64}
    ) AS sampled
FROM {database:Identifier}.events;

-- name: members
-- Who meets at least one of several conditions, and which. On the settings of a pass, see 0023: people come in
-- slices, so hashing is bounded; a row's expressions are shared, so none is put off; maps are read once, whole.
SELECT profile_id<<verdicts>> FROM (<<people>>) WHERE <<any>> ORDER BY profile_id
SETTINGS optimize_aggregation_in_order = 0, short_circuit_function_evaluation = 'disable',
    optimize_functions_to_subcolumns = 0, aggregate_functions_null_for_empty = 0;

-- name: count_members
-- How many people meet a condition.
SELECT countIf(<<verdict>>) AS people FROM (<<people>>)
SETTINGS optimize_aggregation_in_order = 0, short_circuit_function_evaluation = 'disable',
    optimize_functions_to_subcolumns = 0, aggregate_functions_null_for_empty = 0;

-- name: quantities
-- Numbers about each person; a missing one is not a number.
SELECT profile_id<<values>> FROM (<<people>>) ORDER BY profile_id
SETTINGS optimize_aggregation_in_order = 0, short_circuit_function_evaluation = 'disable',
    optimize_functions_to_subcolumns = 0, aggregate_functions_null_for_empty = 0;

-- name: verdicts
-- Each ask's verdicts, as of its own instant: asks come in as arrays, one element each, and bring the
-- borders of their windows with them. An ask without rows does not come back.
SELECT ask<<verdicts>>
FROM (
    SELECT ask<<columns>>
    FROM (
        SELECT asks.ask AS ask, occurred_at, message_id<<borders>><<row_columns>>
        FROM {database:Identifier}.events AS events
        INNER JOIN (
            SELECT ask, row_profile<<instants>>
            FROM (SELECT 1)
            ARRAY JOIN {asks:Array(UInt32)} AS ask, {profiles:Array(UInt64)} AS row_profile<<arrays>>
        ) AS asks ON events.profile_id = asks.row_profile
        WHERE events.profile_id IN {profiles:Array(UInt64)} AND <<rows>>
    )
    GROUP BY ask
);
