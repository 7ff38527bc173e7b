-- SPDX-License-Identifier: Apache-2.0
-- accounts_usage(caller, wanted): how much some accounts are used, for the offices that answer for them. Reads only; locks
-- nothing. Which accounts the caller may see is accounts_under()'s to say, which also refuses whoever has no unit of work open.
-- Customers are counted up to 1,001, so that a great account costs no more than a small one.
-- Served by the primary keys of customers_customers, campaigns_campaigns and ledger_entries.

CREATE OR REPLACE FUNCTION accounts_usage(caller int, wanted int[])
RETURNS TABLE (id int, customers int, campaigns int, last_recorded_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT u.id,
           (SELECT count(*)::int FROM (SELECT 1 FROM customers_customers c WHERE c.account_id = u.id AND c.deleted_at IS NULL
                                       LIMIT 1001) few),
           (SELECT count(*)::int FROM campaigns_campaigns g WHERE g.account_id = u.id AND g.state <> 'deleted'),
           (SELECT e.recorded_at FROM ledger_entries e WHERE e.account_id = u.id ORDER BY e.id DESC LIMIT 1)
    FROM accounts_under(caller) u WHERE u.id = ANY (wanted)
$$;
