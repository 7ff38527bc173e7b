-- SPDX-License-Identifier: Apache-2.0
-- Which accounts have work for the jobs. Each job then works account by account in its own scope (row-level security).
-- SECURITY DEFINER, because they look across accounts; they return nothing but account ids. Read only; lock nothing.
-- An account with a test clock is always listed: its due times are by its own clock, and the job looks closer.

-- Served by messages_outbox_due.
CREATE OR REPLACE FUNCTION jobs_accounts_with_mail(p_at timestamptz) RETURNS SETOF int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT account_id FROM messages_outbox
    WHERE sent_at IS NULL AND abandoned_at IS NULL AND next_attempt_at <= p_at
    UNION
    SELECT id FROM accounts_accounts WHERE test_clock_offset_seconds <> 0
    ORDER BY 1
$$;

-- Served by ledger_balances_next_change.
CREATE OR REPLACE FUNCTION jobs_accounts_to_settle(p_at timestamptz) RETURNS SETOF int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT account_id FROM ledger_balances WHERE next_change_at <= p_at
    UNION
    SELECT id FROM accounts_accounts WHERE test_clock_offset_seconds <> 0
    ORDER BY 1
$$;

-- A full scan of a table that has one row per account.
CREATE OR REPLACE FUNCTION jobs_accounts_moving() RETURNS SETOF int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM accounts_accounts WHERE is_moving ORDER BY 1
$$;
