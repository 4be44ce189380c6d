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

-- name: people_united
-- All people at once, each under the profile that is kept, where one statement asks about everybody's rows.
WITH (
    SELECT (groupArray(profile_id), groupArray(canonical_id))
    FROM {database:Identifier}.overrides FINAL
    WHERE profile_id != canonical_id
) AS merged
SELECT person AS profile_id<<columns>>
FROM (
    SELECT transform(profile_id, merged.1, merged.2, profile_id) AS person, occurred_at, message_id<<row_columns>>
    FROM {database:Identifier}.events
    WHERE <<rows>>
)
GROUP BY person;

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

-- name: sampled_rows
-- How the rows of a 256th of all ids are divided among kinds and names.
SELECT toString(kind) AS kind, toString(name) AS name, is_activity, count() AS rows
FROM {database:Identifier}.events
WHERE profile_id < {sample:UInt64}
GROUP BY kind, name, is_activity;

-- name: leaf_verdicts
-- Of each person that its rows say something of: the verdicts of one statement's leaves, and in what they may be
-- wrong. People come in slices, so hashing is bounded (0023); one thread each, so that no two tables are united; maps
-- are read once, whole.
SELECT profile_id<<verdicts>>, toUInt64(<<doubt>>) AS doubt
FROM (<<people>>)
WHERE doubt > 0 OR <<some>>
ORDER BY profile_id
SETTINGS optimize_aggregation_in_order = 0, short_circuit_function_evaluation = <<put_off>>,
    optimize_functions_to_subcolumns = 0, aggregate_functions_null_for_empty = 0, max_threads = 1;

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

-- name: rows
-- Rows of the people of a slice as they lie, for the array kernel (0026): flags packed into bytes, numbers as they are.
-- Not compressed, as the answer is read where it is made. Rows of one event are read in order of name, if the log is
-- kept so (0033), which the engine does not do where aggregates of nothing are to be NULL; there are none here.
SELECT profile_id, toUnixTimestamp64Micro(occurred_at) AS at<<columns>>
FROM (
    SELECT profile_id, occurred_at<<row_columns>>
    FROM {database:Identifier}.events
    WHERE <<rows>>
)
SETTINGS short_circuit_function_evaluation = 'disable', optimize_functions_to_subcolumns = 0, max_threads = 1,
    output_format_arrow_compression_method = 'none', max_block_size = 131072, preferred_block_size_bytes = 0,
    aggregate_functions_null_for_empty = 0, optimize_use_projections = <<is_by_name>>,
    preferred_optimize_projection_name = <<order>>;
