-- name: clean_events_up_promptly
-- Replaced parts are looked for every few seconds, not after up to five minutes: an erasure waits until their
-- files are gone, for they hold what was erased.
ALTER TABLE {database:Identifier}.events
    MODIFY SETTING cleanup_delay_period = 5, cleanup_delay_period_random_add = 0, max_cleanup_delay_period = 5,
    cleanup_thread_preferred_points_per_iteration = 0;

-- name: clean_overrides_up_promptly
ALTER TABLE {database:Identifier}.overrides
    MODIFY SETTING cleanup_delay_period = 5, cleanup_delay_period_random_add = 0, max_cleanup_delay_period = 5,
    cleanup_thread_preferred_points_per_iteration = 0;

-- name: clean_rollup_up_promptly
ALTER TABLE {database:Identifier}.rollup
    MODIFY SETTING cleanup_delay_period = 5, cleanup_delay_period_random_add = 0, max_cleanup_delay_period = 5,
    cleanup_thread_preferred_points_per_iteration = 0;
