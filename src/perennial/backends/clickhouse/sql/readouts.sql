-- Which rows are ours is told by small columns (PREWHERE); the maps are then read of those alone. Left to
-- itself the engine reads a map once to filter and again to answer.

-- name: journey_arms
-- People by journey and by the arm and control share of their first entry; matured, and reached the goal of
-- that entry. Entries and goals are read in one pass: reading the maps is what takes the time.
-- A person whose merged profiles had each entered first, in different arms, is left out, and so are entries of
-- people in the global holdout: neither arm of theirs is sent anything.
WITH
    merged AS (SELECT profile_id, canonical_id FROM {database:Identifier}.overrides FINAL),
    runs AS (
        SELECT
            anyIf(journey, is_entry) AS journey,
            anyIf(profile_id, is_entry) AS profile_id,
            anyIf(occurred_at, is_entry) AS entered_at,
            anyIf(message_id, is_entry) AS entry,
            anyIf(arm, is_entry) AS arm,
            anyIf(control_share, is_entry) AS control_share,
            anyIf(goal_seconds, is_entry) AS goal_seconds,
            anyIf(ordinal, is_entry) AS ordinal,
            countIf(NOT is_entry) > 0 AS is_reached
        FROM (
            SELECT
                profile_id, occurred_at, message_id, name = 'journey_entered' AS is_entry,
                texts['journey'] AS journey, texts['enrollment'] AS enrollment, texts['arm'] AS arm,
                numbers['ordinal'] AS ordinal, numbers['goal_seconds'] AS goal_seconds,
                if(texts['arm'] = 'control', numbers['probability'], 1 - numbers['probability']) AS control_share
            FROM {database:Identifier}.events
            PREWHERE name IN ('journey_entered', 'journey_goal_reached') AND kind = 'perennial'
                AND occurred_at <= {now:DateTime64(6, 'UTC')}
            WHERE texts['journey'] IN {journeys:Array(String)} AND texts['holdout'] != 'true'
        )
        GROUP BY enrollment
        HAVING countIf(is_entry) > 0
    ),
    people AS (
        SELECT
            runs.journey AS journey,
            ifNull(merged.canonical_id, runs.profile_id) AS person,
            min(runs.entered_at) AS first_at,
            argMin(runs.arm, (runs.entered_at, runs.entry)) AS arm,
            argMin(runs.control_share, (runs.entered_at, runs.entry)) AS control_share,
            argMin(runs.goal_seconds, (runs.entered_at, runs.entry)) AS goal_seconds,
            argMin(runs.is_reached, (runs.entered_at, runs.entry)) AS is_reached,
            uniqExactIf(runs.arm, runs.ordinal = 1) AS first_arms
        FROM runs
        LEFT JOIN merged ON merged.profile_id = runs.profile_id
        GROUP BY journey, person
        HAVING first_arms <= 1
    )
SELECT
    journey,
    arm,
    round(control_share, 9) AS control_share,
    count() AS people,
    countIf(is_matured) AS matured,
    countIf(is_matured AND is_reached) AS reached
FROM (
    SELECT
        journey, arm, control_share, is_reached,
        addMicroseconds(first_at, toInt64(goal_seconds * 1000000)) < {now:DateTime64(6, 'UTC')} AS is_matured
    FROM people
)
GROUP BY journey, arm, control_share
ORDER BY journey, arm, control_share;

-- name: journey_nodes
-- How often each node was entered, left by each edge, or ended at by a rule, an operator or an error.
SELECT passage.1 AS node, passage.2 AS way, passage.3 AS edge, uniqExact(message_id) AS times
FROM (
    SELECT
        message_id,
        arrayJoin(multiIf(
            name = 'journey_entered', [(texts['node'], 'entered', '')],
            name = 'journey_left', [(texts['node'], 'ended', '')],
            texts['next'] = '', [(texts['node'], 'left', texts['edge'])],
            [(texts['node'], 'left', texts['edge']), (texts['next'], 'entered', '')]
        )) AS passage
    FROM {database:Identifier}.events
    PREWHERE name IN ('journey_entered', 'journey_step', 'journey_left') AND kind = 'perennial'
        AND occurred_at <= {now:DateTime64(6, 'UTC')}
    WHERE texts['journey'] = {journey:String}
        AND NOT (name = 'journey_left' AND texts['cause'] = 'exit_node')
)
GROUP BY node, way, edge
ORDER BY node, way, edge;

-- name: journey_messages
-- A journey's messages by the furthest state each has come to.
SELECT
    ['held', 'queued', 'dropped', 'withheld', 'failed', 'unknown', 'sent'][furthest] AS state,
    count() AS messages
FROM (
    SELECT
        texts['message'] AS message,
        max(indexOf(
            [
                'message_held', 'message_queued', 'message_dropped', 'message_withheld',
                'message_failed', 'message_unknown', 'message_sent'
            ],
            toString(name)
        )) AS furthest
    FROM {database:Identifier}.events
    PREWHERE startsWith(name, 'message_') AND kind = 'perennial'
        AND occurred_at <= {now:DateTime64(6, 'UTC')}
    WHERE texts['journey'] = {journey:String}
    GROUP BY message
)
WHERE furthest > 0
GROUP BY state
ORDER BY state;
