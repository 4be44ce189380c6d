-- Rows are found by <<rows>> (names, kinds and the span of time), what is asked of each is computed once, and
-- `chosen` says which of them count. The log lies by person, so a person's rows are aggregated as they are read.

-- name: insight_presence
-- In which intervals a person was there: a bit each, in words of 64.
SELECT profile_id<<words>>, sum(counted) AS events
FROM (
    SELECT profile_id, place, count() AS counted
    FROM (
        SELECT profile_id, <<place>> AS place
        FROM (
            SELECT profile_id, occurred_at<<row_columns>>
            FROM {database:Identifier}.events
            WHERE <<rows>>
        )
        WHERE <<chosen>>
    )
    GROUP BY profile_id, place
    HAVING counted >= {at_least:UInt64}
)
GROUP BY profile_id
SETTINGS aggregate_functions_null_for_empty = 0;

-- name: insight_presence_once
-- The same where one event is enough: no interval is counted by itself.
SELECT profile_id<<words>>, count() AS events
FROM (
    SELECT profile_id, <<place>> AS place
    FROM (
        SELECT profile_id, occurred_at<<row_columns>>
        FROM {database:Identifier}.events
        WHERE <<rows>>
    )
    WHERE <<chosen>>
)
GROUP BY profile_id
SETTINGS aggregate_functions_null_for_empty = 0;

-- name: insight_cells
-- What each person did in each interval, in each part of a breakdown.
SELECT
    profile_id, place, part,
    count() AS events, sum(how_many) AS numbers,
    sumKahanIf(amount, how_many > 0) AS total,
    minIf(low, how_many > 0) AS low, maxIf(high, how_many > 0) AS high
FROM (
    SELECT
        profile_id, <<place>> AS place, <<part>> AS part,
        <<how_many>> AS how_many, <<amount>> AS amount, <<low>> AS low, <<high>> AS high
    FROM (
        SELECT profile_id, occurred_at<<row_columns>>
        FROM {database:Identifier}.events
        WHERE <<rows>>
    )
    WHERE <<chosen>>
)
GROUP BY profile_id, place, part
SETTINGS aggregate_functions_null_for_empty = 0;

-- name: insight_totals
-- A number of each interval and part, whoever it is about.
SELECT place, part, count() AS events, toFloat64(<<total>>) AS value
FROM (
    SELECT <<place>> AS place, <<part>> AS part, <<values>> AS x
    FROM (
        SELECT occurred_at<<row_columns>>
        FROM {database:Identifier}.events
        WHERE <<rows>>
    )
    WHERE <<chosen>>
)
GROUP BY place, part
SETTINGS aggregate_functions_null_for_empty = 0;

-- name: insight_totals_kept
-- How often something happened in each interval, from the rollup: whole quarters of an hour; the rest, at the
-- beginning and the end, from the log.
SELECT place, toUInt8(0) AS part, toInt64(sum(counted)) AS events, toFloat64(sum(counted)) AS value
FROM (
    SELECT <<cell_place>> AS place, sum(events) AS counted
    FROM {database:Identifier}.rollup
    WHERE <<kept>> AND quarter >= {first:DateTime64(6, 'UTC')} AND quarter < {last:DateTime64(6, 'UTC')}
    GROUP BY place
    UNION ALL
    SELECT <<place>> AS place, toInt64(count()) AS counted
    FROM {database:Identifier}.events
    WHERE <<rows>>
        AND (occurred_at < {first:DateTime64(6, 'UTC')} OR occurred_at >= {last:DateTime64(6, 'UTC')})
    GROUP BY place
)
GROUP BY place
HAVING events != 0
SETTINGS aggregate_functions_null_for_empty = 0;

-- name: insight_values
-- The values of a breakdown that most people have.
SELECT part AS value, uniqExact(profile_id) AS people
FROM (
    SELECT profile_id, <<part>> AS part
    FROM (
        SELECT profile_id, occurred_at<<row_columns>>
        FROM {database:Identifier}.events
        WHERE <<rows>>
    )
    WHERE <<chosen>> AND <<is_set>>
)
GROUP BY part
ORDER BY people DESC, value
LIMIT {most:UInt64}
SETTINGS aggregate_functions_null_for_empty = 0;

-- name: insight_rows
-- Rows by person, time and message, with what is asked of each.
SELECT profile_id, toUnixTimestamp64Micro(occurred_at) AS at<<columns>>
FROM (
    SELECT profile_id, occurred_at, message_id<<row_columns>>
    FROM {database:Identifier}.events
    WHERE <<rows>>
)
WHERE <<chosen>>
ORDER BY profile_id, occurred_at, message_id
SETTINGS short_circuit_function_evaluation = 'disable', optimize_functions_to_subcolumns = 0,
    output_format_arrow_compression_method = 'none';

-- name: insight_firsts
-- When each person first did something.
SELECT profile_id, toUnixTimestamp64Micro(min(occurred_at)) AS at
FROM (
    SELECT profile_id, occurred_at<<row_columns>>
    FROM {database:Identifier}.events
    WHERE <<rows>>
)
WHERE <<chosen>>
GROUP BY profile_id
SETTINGS aggregate_functions_null_for_empty = 0;

-- name: insight_traits
-- What was last told of everyone at a path; a later call that takes it away leaves nothing.
SELECT
    profile_id,
    max(occurred_at) AS told_at,
    toUnixTimestamp64Micro(told_at) AS at,
    argMax((value, has), (occurred_at, message_id)) AS last,
    last.1 AS value, last.2 AS is_set
FROM (
    SELECT profile_id, occurred_at, message_id, <<value>> AS value, <<is_set>> AS has
    FROM {database:Identifier}.events
    WHERE <<rows>> AND <<named>>
)
GROUP BY profile_id
SETTINGS aggregate_functions_null_for_empty = 0;

-- name: insight_late
-- Events of a span that arrived after a moment.
SELECT count() AS events
FROM {database:Identifier}.events
WHERE occurred_at >= {start:DateTime64(6, 'UTC')} AND occurred_at < {until:DateTime64(6, 'UTC')}
    AND received_at > {after:DateTime64(6, 'UTC')} AND kind IN ('track', 'page', 'screen')
SETTINGS aggregate_functions_null_for_empty = 0;
