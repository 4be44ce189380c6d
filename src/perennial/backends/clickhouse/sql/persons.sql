-- name: told_by
-- Which source each of these calls of a person came from.
SELECT message_id, toString(source) AS source
FROM {database:Identifier}.events
WHERE profile_id IN {profiles:Array(UInt64)} AND kind = 'identify' AND message_id IN {messages:Array(String)};

-- name: activity_of
-- What a person did how often, and when first and last: clients' events, and mail opened and clicked by them.
SELECT toString(name) AS name, count() AS events, min(occurred_at) AS first_at, max(occurred_at) AS last_at
FROM {database:Identifier}.events
WHERE profile_id IN {profiles:Array(UInt64)} AND is_activity = 1 AND occurred_at <= {until:DateTime64(6, 'UTC')}
GROUP BY name
ORDER BY events DESC, name
LIMIT {limit:UInt64};
