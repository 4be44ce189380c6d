-- name: count_exported
-- How many rows an export has.
SELECT count() AS events FROM {database:Identifier}.events WHERE <<rows>>;

-- name: exported
-- Whole rows, as they lie; one statement, so that they are those of one moment.
SELECT
    profile_id, occurred_at, received_at, toString(name) AS name, toString(kind) AS kind,
    toString(source) AS source, message_id, user_id, anonymous_id,
    numbers::Map(String, Float64) AS numbers, texts::Map(String, String) AS texts, raw
FROM {database:Identifier}.events
WHERE <<rows>>;
