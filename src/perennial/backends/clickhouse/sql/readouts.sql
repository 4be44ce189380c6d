-- Which rows are ours is told by small columns (PREWHERE); the maps are then read of those alone. Left to
-- itself the engine reads a map once to filter and again to answer.

-- name: journey_arms
-- People by journey and by the arm and control share of their first entry; matured, and reached the goal of
-- that entry.
-- A person whose merged profiles had each entered first, in different arms, is left out.
WITH
    merged AS (SELECT profile_id, canonical_id FROM {database:Identifier}.overrides FINAL),
    goals AS (
        SELECT DISTINCT texts['enrollment'] AS enrollment
        FROM {database:Identifier}.events
        PREWHERE name = 'journey_goal_reached' AND kind = 'perennial'
            AND occurred_at <= {now:DateTime64(6, 'UTC')}
        WHERE texts['journey'] IN {journeys:Array(String)}
    ),
    people AS (
        SELECT
            entered.journey AS journey,
            ifNull(merged.canonical_id, entered.profile_id) AS person,
            min(entered.occurred_at) AS entered_at,
            argMin(entered.arm, (entered.occurred_at, entered.message_id)) AS arm,
            argMin(entered.control_share, (entered.occurred_at, entered.message_id)) AS control_share,
            argMin(entered.enrollment, (entered.occurred_at, entered.message_id)) AS enrollment,
            argMin(entered.goal_seconds, (entered.occurred_at, entered.message_id)) AS goal_seconds,
            uniqExactIf(entered.arm, entered.ordinal = 1) AS first_arms
        FROM (
            SELECT
                profile_id, occurred_at, message_id, texts['journey'] AS journey,
                texts['arm'] AS arm, texts['enrollment'] AS enrollment,
                numbers['ordinal'] AS ordinal, numbers['goal_seconds'] AS goal_seconds,
                if(texts['arm'] = 'control', numbers['probability'], 1 - numbers['probability']) AS control_share
            FROM {database:Identifier}.events
            PREWHERE name = 'journey_entered' AND kind = 'perennial'
                AND occurred_at <= {now:DateTime64(6, 'UTC')}
            WHERE texts['journey'] IN {journeys:Array(String)}
        ) AS entered
        LEFT JOIN merged ON merged.profile_id = entered.profile_id
        GROUP BY journey, person
        HAVING first_arms <= 1
    )
SELECT
    journey,
    arm,
    round(control_share, 9) AS control_share,
    count() AS people,
    countIf(is_matured) AS matured,
    countIf(is_matured AND enrollment IN (SELECT enrollment FROM goals)) AS reached
FROM (
    SELECT
        journey, arm, control_share, enrollment,
        addMicroseconds(entered_at, toInt64(goal_seconds * 1000000)) < {now:DateTime64(6, 'UTC')} AS is_matured
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
