-- SPDX-License-Identifier: Apache-2.0
-- accounts_usage(caller, wanted, at): how much some accounts are used, for the offices that answer for them. Reads only; locks
-- nothing. Which accounts the caller may see is accounts_under()'s to say, which also refuses whoever has no unit of work open.
-- Customers are counted up to 1,001, so that a great account costs no more than a small one. Transactions of the month are the
-- roll-ups' (ADR-0020) and up to 10,000 that are newer. Space is what the planner's statistics say is the account's share of
-- each table: about, and null where they know nothing of it.
-- Served by the primary keys of customers_customers, campaigns_campaigns, reports_days and ledger_entries.

DROP FUNCTION IF EXISTS accounts_usage(int, int[]);

CREATE OR REPLACE FUNCTION accounts_usage(caller int, wanted int[], at timestamptz)
RETURNS TABLE (id int, customers int, campaigns int, last_recorded_at timestamptz, transactions bigint, space_bytes bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH space AS (
        SELECT known.account, sum(known.share * pg_total_relation_size(format('%I.%I', s.schemaname, s.tablename)::regclass)) AS bytes
        FROM pg_stats s,
             unnest(s.most_common_vals::text::int[], s.most_common_freqs) AS known (account, share)
        WHERE s.schemaname = 'public' AND s.attname = 'account_id' AND NOT s.inherited
        GROUP BY 1
    ), months AS (
        SELECT u.id, date_trunc('month', at AT TIME ZONE u.timezone) AS local, coalesce(p.entry_id, 0) AS entry_id
        FROM accounts_under(caller) u LEFT JOIN reports_progress p ON p.account_id = u.id
        WHERE u.id = ANY (wanted)
    )
    SELECT u.id,
           (SELECT count(*)::int FROM (SELECT 1 FROM customers_customers c WHERE c.account_id = u.id AND c.deleted_at IS NULL
                                       LIMIT 1001) few),
           (SELECT count(*)::int FROM campaigns_campaigns g WHERE g.account_id = u.id AND g.state <> 'deleted'),
           (SELECT e.recorded_at FROM ledger_entries e WHERE e.account_id = u.id ORDER BY e.id DESC LIMIT 1),
           (SELECT coalesce(sum(d.sales + d.redemptions), 0) FROM reports_days d
            WHERE d.account_id = u.id AND d.day >= m.local::date AND d.day <= (at AT TIME ZONE u.timezone)::date)
           + (SELECT count(*) FROM (SELECT 1 FROM ledger_entries e
                                    WHERE e.account_id = u.id AND e.id > m.entry_id AND e.kind IN ('earn', 'redeem')
                                      AND e.recorded_at >= m.local AT TIME ZONE u.timezone LIMIT 10000) newer),
           (SELECT space.bytes::bigint FROM space WHERE space.account = u.id)
    FROM accounts_under(caller) u JOIN months m ON m.id = u.id
$$;
