-- name: sync_merged_events
-- A merged part is synced before the parts that it replaces count as old. Without this a power cut may leave a
-- merged part that is torn, found only when it is read, by when the parts it was made from are gone.
ALTER TABLE {database:Identifier}.events
    MODIFY SETTING min_rows_to_fsync_after_merge = 1, min_compressed_bytes_to_fsync_after_merge = 1;

-- name: sync_merged_overrides
ALTER TABLE {database:Identifier}.overrides
    MODIFY SETTING min_rows_to_fsync_after_merge = 1, min_compressed_bytes_to_fsync_after_merge = 1;

-- name: sync_merged_rollup
ALTER TABLE {database:Identifier}.rollup
    MODIFY SETTING min_rows_to_fsync_after_merge = 1, min_compressed_bytes_to_fsync_after_merge = 1;
