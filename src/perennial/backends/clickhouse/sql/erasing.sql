-- name: count_rows_of
-- How many rows there are of given profiles.
SELECT count() AS rows FROM {database:Identifier}.<<table>> WHERE profile_id IN {profiles:Array(UInt64)};

-- name: delete_rows_of
-- Rewrite the parts that hold rows of given profiles without them; on return it is done. What is kept of this
-- statement with the table names profiles by number only.
ALTER TABLE {database:Identifier}.<<table>> DELETE WHERE profile_id IN (<<profiles>>) SETTINGS mutations_sync = 2;

-- name: count_devices
-- How many rows of other people there are under given device ids, by hash.
SELECT count() AS rows
FROM {database:Identifier}.events
WHERE anonymous_id != '' AND hex(sipHash128(anonymous_id)) IN (<<hashes>>)
    AND profile_id NOT IN {profiles:Array(UInt64)};

-- name: hash_names
-- The hashes by which rows under these ids are found: a statement that changes rows is kept with the table.
SELECT hex(sipHash128(arrayJoin({names:Array(String)}))) AS hash;

-- name: blank_devices
-- Rows of others under an erased person's device id lose that id.
ALTER TABLE {database:Identifier}.events
    UPDATE anonymous_id = '' WHERE anonymous_id != '' AND hex(sipHash128(anonymous_id)) IN (<<hashes>>)
    SETTINGS mutations_sync = 2;

-- name: old_parts
-- Files of parts that were replaced and are not removed yet.
SELECT count() AS parts
FROM system.parts
WHERE database = {database:String} AND NOT active AND table IN {tables:Array(String)};

-- name: keep_no_old_parts
-- Replaced parts go at once; they hold what was erased.
ALTER TABLE {database:Identifier}.<<table>> MODIFY SETTING old_parts_lifetime = 1;
