-- name: create_database
-- One database per workspace.
CREATE DATABASE IF NOT EXISTS {database:Identifier};

-- name: drop_database
-- A workspace is removed: its database goes, and the files under it before this returns.
DROP DATABASE IF EXISTS {database:Identifier} SYNC;

-- name: create_schema_versions
-- Which numbered schema files a workspace's database has been given.
CREATE TABLE IF NOT EXISTS {database:Identifier}.schema_versions (version UInt32)
ENGINE = MergeTree
ORDER BY version
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1, min_compressed_bytes_to_fsync_after_merge = 1;

-- name: schema_version
-- The last schema file applied, 0 for none.
SELECT ifNull(max(version), 0) AS version FROM {database:Identifier}.schema_versions;

-- name: record_schema_version
-- A schema file was applied.
INSERT INTO {database:Identifier}.schema_versions (version) SELECT {version:UInt32};
