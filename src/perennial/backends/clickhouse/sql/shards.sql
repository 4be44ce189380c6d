-- name: clusters
-- The clusters that a server knows.
SELECT DISTINCT cluster FROM system.clusters ORDER BY cluster;

-- name: cluster_shards
-- The replicas of a cluster's shards; `is_own` is the server that is asked.
SELECT shard_num AS shard, shard_weight AS weight, is_local AS is_own
FROM system.clusters
WHERE cluster = {cluster:String}
ORDER BY shard_num;

-- name: create_placement
-- Which part of the log this shard holds, and of how many.
CREATE TABLE IF NOT EXISTS {database:Identifier}.placement (place UInt32, shards UInt32)
ENGINE = MergeTree
ORDER BY place
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- name: claim_placement
-- A shard without rows becomes the part it is told to be; one that holds rows stays what it is.
INSERT INTO {database:Identifier}.placement (place, shards)
SELECT {place:UInt32}, {shards:UInt32}
WHERE (SELECT count() FROM {database:Identifier}.placement) = 0
    AND (SELECT count() FROM {database:Identifier}.events) = 0;

-- name: placement
-- The part of the log that this shard holds.
SELECT DISTINCT place, shards FROM {database:Identifier}.placement;

-- name: tables_not_shown
-- Tables of a shard's own database that the one showing all shards lacks, or shows with other columns.
WITH columns AS (
    SELECT database, table, arraySort(groupArray((name, type, default_expression))) AS columns
    FROM system.columns
    WHERE database IN ({part:String}, {database:String})
    GROUP BY database, table
)
SELECT name
FROM system.tables
WHERE database = {part:String} AND endsWith(engine, 'MergeTree') AND name NOT IN ('schema_versions', 'placement')
    AND name NOT IN (
        SELECT own.table
        FROM columns AS own INNER JOIN columns AS shown ON own.table = shown.table AND own.columns = shown.columns
        WHERE own.database = {part:String} AND shown.database = {database:String}
    )
ORDER BY name;

-- name: show_all
-- A table as all shards hold it; a profile's rows are on the shard that its id names.
CREATE OR REPLACE TABLE {database:Identifier}.<<table>> AS <<part>>.<<table>>
ENGINE = Distributed(<<cluster>>, <<part>>, <<table>>, profile_id);

-- name: show_own
-- A table that is the same on every shard, as this one holds it.
CREATE OR REPLACE TABLE {database:Identifier}.<<table>> AS <<part>>.<<table>>
ENGINE = Merge(<<part>>, <<own_only>>);
