-- name: promoted_columns
-- The paths that have columns of their own, by the first of those.
SELECT name
FROM system.columns
WHERE database = {database:String} AND table = 'events' AND startsWith(name, 'shape_');

-- name: complete_columns
-- Those that every part of the log has.
SELECT shown.name AS name
FROM (
    SELECT name
    FROM system.columns
    WHERE database = {database:String} AND table = 'events' AND startsWith(name, 'shape_')
) AS shown
LEFT JOIN (
    SELECT column, count() AS parts
    FROM system.parts_columns
    WHERE database = {database:String} AND table = 'events' AND active AND startsWith(column, 'shape_')
    GROUP BY column
) AS kept ON shown.name = kept.column
WHERE ifNull(kept.parts, 0) = (
    SELECT count() FROM system.parts WHERE database = {database:String} AND table = 'events' AND active
);

-- name: columns_under_way
-- Those that are being computed for parts that lack them.
SELECT arrayJoin(extractAll(command, 'shape_[0-9a-f]+')) AS name
FROM system.mutations
WHERE database = {database:String} AND table = 'events' AND NOT is_done;

-- name: add_columns
-- Columns computed from the maps; rows inserted from now on have them.
ALTER TABLE {database:Identifier}.events <<columns>>;

-- name: fill_columns
-- Compute them for the parts that are there.
ALTER TABLE {database:Identifier}.events <<steps>> SETTINGS mutations_sync = <<wait>>;
