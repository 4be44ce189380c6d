-- name: code_clicks
-- Clicks on codes of channels in a half-open span, by code and by whom; each call once.
SELECT code, channel, by, uniqExact(message_id) AS clicks
FROM (
    SELECT texts['code'] AS code, texts['channel'] AS channel, texts['by'] AS by, message_id
    FROM {database:Identifier}.events
    WHERE name = {event:String} AND kind = 'track' AND source = {source:String}
        AND occurred_at >= {start:DateTime64(6, 'UTC')} AND occurred_at < {end:DateTime64(6, 'UTC')}
)
GROUP BY code, channel, by
ORDER BY code, channel, by;
