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

-- name: orders
-- The orders by name that the log is kept in, and the columns of promoted paths in each.
SELECT name, extractAll(query, 'shape_[0-9a-f]+') AS shapes
FROM system.projections
WHERE database = {database:String} AND table = 'events' AND startsWith(name, 'by_name_');

-- name: complete_orders
-- Those that every part of the log has.
SELECT shown.name AS name
FROM (
    SELECT name
    FROM system.projections
    WHERE database = {database:String} AND table = 'events' AND startsWith(name, 'by_name_')
) AS shown
LEFT JOIN (
    SELECT arrayJoin(projections) AS name, count() AS parts
    FROM system.parts
    WHERE database = {database:String} AND table = 'events' AND active AND rows > 0
    GROUP BY name
) AS kept ON shown.name = kept.name
WHERE ifNull(kept.parts, 0) = (
    SELECT count()
    FROM system.parts
    WHERE database = {database:String} AND table = 'events' AND active AND rows > 0
);

-- name: orders_under_way
-- Those that are being made for parts that lack them.
SELECT extract(command, 'by_name_[0-9a-f]+') AS name
FROM system.mutations
WHERE database = {database:String} AND table = 'events' AND NOT is_done AND match(command, 'by_name_[0-9a-f]+');

-- name: add_order
-- Every row once more, in order of name, without maps; rows inserted from now on have it.
ALTER TABLE {database:Identifier}.events ADD PROJECTION IF NOT EXISTS <<order>> (
    SELECT kind, name, profile_id, occurred_at, is_activity<<columns>>
    ORDER BY kind, name, profile_id, occurred_at
);

-- name: fill_order
-- Make it for the parts that are there.
ALTER TABLE {database:Identifier}.events MATERIALIZE PROJECTION <<order>> SETTINGS mutations_sync = <<wait>>;

-- name: drop_order
ALTER TABLE {database:Identifier}.events DROP PROJECTION IF EXISTS <<order>>;
