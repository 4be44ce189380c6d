-- name: count_events
-- How many rows are events as `<<rows>>` says.
SELECT count() AS events FROM {database:Identifier}.events WHERE <<rows>>;

-- name: counts_by_event
-- How many source events there are under each name.
SELECT name, count() AS events
FROM {database:Identifier}.events
WHERE origin = 'source' AND kind IN ('track', 'page', 'screen')
GROUP BY name
ORDER BY name;

-- name: timeline
-- Rows of one person (under all their profiles, of what is asked for), newest first, after a cursor.
SELECT
    profile_id, occurred_at, received_at, toString(name) AS name, toString(kind) AS kind,
    toString(origin) AS origin, toString(source) AS source, message_id, user_id, anonymous_id,
    mapKeys(numbers)::Array(String) AS number_paths, mapValues(numbers) AS number_values,
    mapKeys(texts)::Array(String) AS text_paths, mapValues(texts) AS text_values, raw
FROM {database:Identifier}.events
WHERE profile_id IN {profiles:Array(UInt64)} AND occurred_at <= {until:DateTime64(6, 'UTC')} AND <<asked>>
ORDER BY occurred_at DESC, message_id DESC, source DESC
LIMIT {limit:UInt64};

-- name: overrides
-- Every profile that was merged into another, and which.
SELECT profile_id, canonical_id, version
FROM {database:Identifier}.overrides FINAL
WHERE profile_id != canonical_id
ORDER BY profile_id;

-- name: has_overrides
-- Whether anybody was merged; without, questions need no second pass.
SELECT count() > 0 AS merged FROM {database:Identifier}.overrides;

-- name: state_of_overrides
-- What changes with every merge that is told, and with everyone who is erased.
SELECT max(version) AS version, count() AS overrides FROM {database:Identifier}.overrides;

-- name: overrides_of
-- The merges that touch given profiles: those of the same people, under any of their profiles.
SELECT profile_id, canonical_id
FROM {database:Identifier}.overrides FINAL
WHERE canonical_id IN (
    SELECT canonical_id FROM {database:Identifier}.overrides FINAL WHERE profile_id IN {profiles:Array(UInt64)}
    UNION ALL
    SELECT arrayJoin({profiles:Array(UInt64)})
);

-- name: add_overrides
-- Record merges; whoever tells what came later gives a higher version.
INSERT INTO {database:Identifier}.overrides (profile_id, canonical_id, version)
SELECT profile_id, canonical_id, {version:UInt64}
FROM (SELECT 1)
ARRAY JOIN {profiles:Array(UInt64)} AS profile_id, {canonicals:Array(UInt64)} AS canonical_id;

-- name: message_ids
-- Every row's message id, repeats included: what a client's own list is reconciled with.
SELECT message_id
FROM {database:Identifier}.events
WHERE <<rows>>
ORDER BY message_id;

-- name: present_messages
-- Which of these calls of these profiles the log has: what a power cut left of a batch.
SELECT toString(source) AS source, message_id
FROM {database:Identifier}.events
WHERE profile_id IN {profiles:Array(UInt64)}
    AND occurred_at >= {first:DateTime64(6, 'UTC')} AND occurred_at <= {last:DateTime64(6, 'UTC')}
    AND message_id IN {messages:Array(String)};

-- name: heard_until
-- When the last call of a client was received: the present of a workspace that lives on a virtual clock.
SELECT max(received_at) AS heard_until, count() AS calls
FROM {database:Identifier}.events
WHERE origin = 'source';
