-- What clients sent, counted for the catalogue: over the log itself, so that late events count at once.
-- A value in both maps is a text that reads as a number; one that is not quoted in the original is a number or a boolean
-- after all: the original is kept wherever that makes a difference.

-- name: catalogue_events
-- Every event name with the calls it came by, how often, since when and from where.
SELECT
    toString(name) AS name,
    arraySort(groupUniqArray(toString(kind))) AS kinds,
    count() AS events,
    countIf(occurred_at > {recent:DateTime64(6, 'UTC')}) AS recent_events,
    min(occurred_at) AS first_at,
    max(occurred_at) AS last_at,
    arraySort(groupUniqArray(20)(toString(source))) AS sources
FROM {database:Identifier}.events
WHERE origin = 'source' AND kind IN ('track', 'page', 'screen', 'identify', 'group')
GROUP BY name
ORDER BY name;

-- name: catalogue_leaves
-- Every property by path and type, for one event or by event and source, as `<<keys>>` says.
SELECT <<keys>>, path, type, events, first_at, last_at, samples, emails, phones, id_cards
FROM (
    SELECT
        <<keys>>, path, type, count() AS events, min(occurred_at) AS first_at, max(occurred_at) AS last_at,
        arrayMap(value -> toString(value), arraySort(groupUniqArray(<<samples>>)(value))) AS samples,
        0::UInt64 AS emails, countIf(value >= 13000000000 AND value < 20000000000) AS phones, 0::UInt64 AS id_cards
    FROM (
        SELECT toString(name) AS event, toString(source) AS source, occurred_at, toString(key) AS path, 'number' AS type, value
        FROM {database:Identifier}.events
        ARRAY JOIN mapKeys(numbers) AS key, mapValues(numbers) AS value
        WHERE <<rows>> AND NOT mapContains(texts, key)
    )
    GROUP BY <<keys>>, path, type
    UNION ALL
    SELECT
        <<keys>>, path, type, count() AS events, min(occurred_at) AS first_at, max(occurred_at) AS last_at,
        arraySort(groupUniqArray(<<samples>>)(substringUTF8(value, 1, 100))) AS samples,
        countIf(position(value, '@') > 0 AND match(value, {email:String})) AS emails,
        countIf(length(value) BETWEEN 8 AND 16 AND match(value, {phone:String})) AS phones,
        countIf(length(value) = 18 AND match(value, {id_card:String})) AS id_cards
    FROM (
        SELECT
            toString(name) AS event, toString(source) AS source, occurred_at, toString(key) AS path, value,
            multiIf(
                raw != '' AND (value IN ('true', 'false') OR mapContains(numbers, key))
                    AND position(raw, concat('"', splitByChar('.', path)[-1], '":"', value)) = 0,
                if(value IN ('true', 'false'), 'boolean', 'number'),
                length(value) >= 10 AND substring(value, 5, 1) = '-' AND match(value, {time:String}), 'time',
                'text'
            ) AS type
        FROM {database:Identifier}.events
        ARRAY JOIN mapKeys(texts) AS key, mapValues(texts) AS value
        WHERE <<rows>>
    )
    GROUP BY <<keys>>, path, type
    UNION ALL
    SELECT
        <<keys>>, path, type, count() AS events, min(occurred_at) AS first_at, max(occurred_at) AS last_at,
        arraySort(groupUniqArray(<<samples>>)(substringUTF8(arrayStringConcat(value, ', '), 1, 100))) AS samples,
        countIf(arrayExists(each -> match(each, {email:String}), value)) AS emails,
        countIf(arrayExists(each -> match(each, {phone:String}), value)) AS phones,
        countIf(arrayExists(each -> match(each, {id_card:String}), value)) AS id_cards
    FROM (
        SELECT
            toString(name) AS event, toString(source) AS source, occurred_at, toString(key) AS path, value,
            multiIf(
                notEmpty(value) OR arrayExists(other -> startsWith(other, concat(key, '.')), mapKeys(lists)), 'list',
                arrayExists(other -> startsWith(other, concat(key, '.')), mapKeys(texts))
                    OR arrayExists(other -> startsWith(other, concat(key, '.')), mapKeys(numbers)), 'object',
                'empty'
            ) AS type
        FROM {database:Identifier}.events
        ARRAY JOIN mapKeys(lists) AS key, mapValues(lists) AS value
        WHERE <<rows>>
    )
    GROUP BY <<keys>>, path, type
)
ORDER BY <<keys>>, path, type
LIMIT {limit:UInt64};
