-- SPDX-License-Identifier: Apache-2.0
-- What an operator's monitoring asks of the database. SECURITY DEFINER, because it looks across accounts; what comes back are
-- counts, sizes and times of the whole installation, and nothing of any account.

-- Locks the one row of p_name.
CREATE OR REPLACE FUNCTION upkeep_note(p_name text, p_at timestamptz, p_took_ms bigint, p_says text, p_is_failure boolean)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO upkeep_last_runs AS r (name, succeeded_at, failed_at, took_ms, says)
    VALUES (p_name, CASE WHEN NOT p_is_failure THEN p_at END, CASE WHEN p_is_failure THEN p_at END, p_took_ms, p_says)
    ON CONFLICT (name) DO UPDATE SET
        succeeded_at = COALESCE(excluded.succeeded_at, r.succeeded_at),
        failed_at = COALESCE(excluded.failed_at, r.failed_at),
        took_ms = excluded.took_ms,
        says = excluded.says
$$;

-- Read only; locks nothing. Served by messages_outbox_due, webhooks_deliveries_due and by procrastinate's own indexes; the rest are the server's statistics.
-- Rows: the metric's name, one label's value ("" where it has none), the number.
CREATE OR REPLACE FUNCTION upkeep_figures() RETURNS TABLE (metric text, label text, figure bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT 'regulars_outbox_waiting', '', count(*) FROM messages_outbox WHERE sent_at IS NULL AND abandoned_at IS NULL
    UNION ALL
    SELECT 'regulars_outbox_oldest_seconds', '',
        COALESCE(EXTRACT(epoch FROM clock_timestamp() - min(created_at))::bigint, 0)
        FROM messages_outbox WHERE sent_at IS NULL AND abandoned_at IS NULL
    UNION ALL
    SELECT 'regulars_webhooks_waiting', '', count(*) FROM webhooks_deliveries WHERE state = 'waiting'
    UNION ALL
    SELECT 'regulars_webhooks_failing', '', count(*) FROM webhooks_lanes WHERE failing_since IS NOT NULL
    UNION ALL
    SELECT 'regulars_jobs_queue', status::text, count(*) FROM procrastinate_jobs
        WHERE status IN ('todo', 'doing', 'failed') GROUP BY status
    UNION ALL
    SELECT 'regulars_last_success_timestamp_seconds', name, EXTRACT(epoch FROM succeeded_at)::bigint
        FROM upkeep_last_runs WHERE succeeded_at IS NOT NULL
    UNION ALL
    SELECT 'regulars_last_failure_timestamp_seconds', name, EXTRACT(epoch FROM failed_at)::bigint
        FROM upkeep_last_runs WHERE failed_at IS NOT NULL
    UNION ALL
    SELECT 'regulars_last_run_seconds', name, took_ms FROM upkeep_last_runs
    UNION ALL
    SELECT 'regulars_ledger_entries_inserted_total', '', COALESCE(sum(n_tup_ins), 0)::bigint FROM pg_stat_user_tables
        WHERE schemaname = 'public' AND starts_with(relname, 'ledger_entries')
    UNION ALL
    SELECT 'regulars_accounts', '', count(*) FROM accounts_accounts
    UNION ALL
    SELECT 'regulars_database_bytes', '', pg_database_size(current_database())
    UNION ALL
    SELECT 'regulars_database_connections', '', numbackends FROM pg_stat_database WHERE datname = current_database()
    UNION ALL
    SELECT 'regulars_database_connections_max', '', current_setting('max_connections')::bigint
    UNION ALL
    SELECT 'regulars_database_deadlocks_total', '', deadlocks FROM pg_stat_database WHERE datname = current_database()
    UNION ALL
    SELECT 'regulars_archive_connected', '', active::int FROM pg_replication_slots WHERE slot_name = 'regulars_archive'
    UNION ALL
    SELECT 'regulars_archive_behind_bytes', '', pg_wal_lsn_diff(pg_current_wal_flush_lsn(), restart_lsn)::bigint
        FROM pg_replication_slots WHERE slot_name = 'regulars_archive' AND NOT pg_is_in_recovery()
    UNION ALL
    SELECT 'regulars_wal_archived_total', '', archived_count FROM pg_stat_archiver
    UNION ALL
    SELECT 'regulars_wal_archive_failures_total', '', failed_count FROM pg_stat_archiver
    UNION ALL
    SELECT 'regulars_wal_archived_timestamp_seconds', '', EXTRACT(epoch FROM last_archived_time)::bigint FROM pg_stat_archiver
        WHERE last_archived_time IS NOT NULL
$$;
