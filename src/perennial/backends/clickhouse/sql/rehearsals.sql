-- name: heard
-- What became known in a span of time, in that order: what a rehearsal hears.
SELECT
    profile_id, toString(name) AS name, toString(kind) AS kind, occurred_at, received_at, message_id,
    numbers::Map(String, Float64) AS numbers, texts::Map(String, String) AS texts, raw
FROM {database:Identifier}.events
WHERE received_at > {since:DateTime64(6, 'UTC')} AND received_at <= {upto:DateTime64(6, 'UTC')} AND <<rows>>
ORDER BY received_at, occurred_at, message_id;

-- name: count_heard
-- How many rows those are.
SELECT count() AS events
FROM {database:Identifier}.events
WHERE received_at > {since:DateTime64(6, 'UTC')} AND received_at <= {upto:DateTime64(6, 'UTC')} AND <<rows>>;

-- name: sent_in_truth
-- Messages that went out: they took room under caps.
SELECT profile_id, occurred_at, texts['channel'] AS channel, texts['topic'] AS topic
FROM {database:Identifier}.events
WHERE kind = 'perennial' AND name = 'message_sent'
    AND occurred_at > {since:DateTime64(6, 'UTC')} AND occurred_at <= {upto:DateTime64(6, 'UTC')}
    AND NOT has({besides:Array(String)}, texts['journey'])
ORDER BY profile_id, occurred_at;
