-- name: today_names
-- How many source events there are under each name, and when the first and the last of it happened.
SELECT toString(name) AS name, count() AS events, min(occurred_at) AS first_at, max(occurred_at) AS last_at
FROM {database:Identifier}.events
WHERE origin = 'source' AND kind IN ('track', 'page', 'screen')
    AND occurred_at <= {now:DateTime64(6, 'UTC')}
GROUP BY name
ORDER BY events DESC, name;

-- name: today_days
-- Source events and people with one, by local day; rows of merged people count as the person's who was kept.
WITH merged AS (SELECT profile_id, canonical_id FROM {database:Identifier}.overrides FINAL)
SELECT
    toString(active.day) AS day,
    sum(active.events) AS events,
    uniqExact(ifNull(merged.canonical_id, active.profile_id)) AS people
FROM (
    SELECT profile_id, toDate32(toTimeZone(occurred_at, {zone:String})) AS day, count() AS events
    FROM {database:Identifier}.events
    WHERE origin = 'source' AND kind IN ('track', 'page', 'screen')
        AND occurred_at >= {start:DateTime64(6, 'UTC')} AND occurred_at <= {now:DateTime64(6, 'UTC')}
    GROUP BY profile_id, day
) AS active
LEFT JOIN merged ON merged.profile_id = active.profile_id
GROUP BY active.day
ORDER BY active.day;

-- name: today_runs
-- Runs through every journey: how many began, ended, and reached the goal.
SELECT
    texts['journey'] AS journey,
    uniqExactIf(texts['enrollment'], name = 'journey_entered') AS entered,
    uniqExactIf(texts['enrollment'], name = 'journey_left') AS ended,
    uniqExactIf(texts['enrollment'], name = 'journey_goal_reached') AS reached
FROM {database:Identifier}.events
PREWHERE name IN ('journey_entered', 'journey_left', 'journey_goal_reached') AND kind = 'perennial'
    AND occurred_at <= {now:DateTime64(6, 'UTC')}
GROUP BY journey
ORDER BY journey;
