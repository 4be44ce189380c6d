-- name: count_past
-- Clients' events that are past their period, by name.
SELECT name, count() AS rows
FROM {database:Identifier}.events
WHERE kind IN ('track', 'page', 'screen', 'aside') AND occurred_at < {latest:DateTime64(6, 'UTC')}
    AND toUnixTimestamp64Micro(occurred_at)
        < transform(toString(name), {names:Array(String)}, {cutoffs:Array(Int64)}, {default:Int64})
GROUP BY name
ORDER BY name;

-- name: count_past_cells
-- Cells of the rollup that count them.
SELECT count() AS rows
FROM {database:Identifier}.rollup
WHERE quarter < {latest:DateTime64(6, 'UTC')} AND NOT match(toString(name), {ours:String})
    AND toUnixTimestamp(quarter) * 1000000
        < transform(toString(name), {names:Array(String)}, {cutoffs:Array(Int64)}, {default:Int64});

-- name: remove_past
-- Rewrite the parts that hold them without them; on return it is done. What is kept of this statement with the table
-- names events by their hashes: it takes no parameters, and no text of a client's may stand in a statement.
ALTER TABLE {database:Identifier}.events DELETE
WHERE kind IN ('track', 'page', 'screen', 'aside') AND toUnixTimestamp64Micro(occurred_at) < <<latest>>
    AND toUnixTimestamp64Micro(occurred_at)
        < transform(hex(sipHash128(toString(name))), [<<hashes>>], [<<cutoffs>>], <<default>>)
SETTINGS mutations_sync = 2;

-- name: remove_past_cells
-- The same for the cells of the rollup.
ALTER TABLE {database:Identifier}.rollup DELETE
WHERE toUnixTimestamp(quarter) * 1000000 < <<latest>> AND NOT match(toString(name), <<ours>>)
    AND toUnixTimestamp(quarter) * 1000000
        < transform(hex(sipHash128(toString(name))), [<<hashes>>], [<<cutoffs>>], <<default>>)
SETTINGS mutations_sync = 2;
