-- name: screening_violations
-- Calls that were kept although they were not as planned, by what was wrong: each says so itself.
SELECT
    note.1 AS code,
    toString(name) AS event,
    note.2 AS path,
    toString(source) AS source,
    count() AS events,
    min(received_at) AS first_at,
    max(received_at) AS last_at,
    argMax(message_id, received_at) AS message_id,
    argMax(substringUTF8(value, 1, 100), received_at) AS sample
FROM (
    SELECT
        name, source, received_at, message_id,
        arrayJoin(arrayMap(
            each -> (splitByChar(' ', each)[1], substring(each, position(each, ' ') + 1)),
            lists[{notes:String}]
        )) AS note,
        extract(note.2, '^\\$\\.(?:properties|traits)\\.(.*)$') AS property,
        if(mapContains(texts, property), texts[property],
            if(mapContains(numbers, property), toString(numbers[property]), arrayStringConcat(lists[property], ', '))) AS value
    FROM {database:Identifier}.events
    WHERE received_at >= {since:DateTime64(6, 'UTC')} AND origin = 'source' AND notEmpty(lists[{notes:String}])
)
GROUP BY code, event, path, source
ORDER BY events DESC, code, event, path, source;

-- name: screening_cleaned
-- Calls that a rule of cleaning changed, marked or set aside, by rule and local day of reception.
SELECT rule, toString(day) AS day, is_aside, count() AS events
FROM (
    SELECT
        arrayJoin(lists[{notes:String}]) AS rule,
        toDate32(toTimeZone(received_at, {zone:String})) AS day,
        kind = 'aside' AS is_aside
    FROM {database:Identifier}.events
    WHERE received_at >= {since:DateTime64(6, 'UTC')} AND origin = 'source' AND notEmpty(lists[{notes:String}])
)
GROUP BY rule, day, is_aside
ORDER BY day, rule, is_aside;
