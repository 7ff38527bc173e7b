-- SPDX-License-Identifier: Apache-2.0
-- Batches across accounts, for the jobs. SECURITY DEFINER: they look across accounts, and give away nothing but numbers.

-- The accounts with a batch that was handed over, or that nobody has touched for p_idle_seconds. Reads only, locks nothing.
-- Served by transactions_batches_open.
CREATE OR REPLACE FUNCTION transactions_accounts_with_batches(p_idle_seconds int) RETURNS SETOF int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT DISTINCT account_id FROM transactions_batches
    WHERE state IN ('running', 'undoing')
      AND (is_handed_over OR touched_at < now() - make_interval(secs => p_idle_seconds))
    ORDER BY 1
$$;

-- A customer who is erased is forgotten here too: what he was before a batch changed him.
CREATE OR REPLACE FUNCTION transactions_forget_former() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE transactions_batch_lines SET former = NULL
    WHERE account_id = NEW.account_id AND customer_id = NEW.id AND former IS NOT NULL;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS customers_customers_forget_former ON customers_customers;
CREATE TRIGGER customers_customers_forget_former AFTER UPDATE ON customers_customers
    FOR EACH ROW WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL OR OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL)
    EXECUTE FUNCTION transactions_forget_former();

-- A long batch makes tables grow faster than the database looks at them by itself, and the plans of a small table are slow
-- in a large one: what has doubled since is looked at again, by the columns that are searched (to look at what is computed
-- for free searches takes seconds). Waits for nobody; locks out only others who look (ANALYZE).
CREATE OR REPLACE FUNCTION transactions_refresh_statistics() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '50ms' AS $$
DECLARE
    grown record;
BEGIN
    FOR grown IN
        SELECT w.name, w.columns FROM (VALUES
            ('customers_customers', 'account_id, id, code, card_number, username, deleted_at'),
            ('ledger_entries', 'account_id, id, customer_id, pool_id, campaign_id, kind'),
            ('ledger_balances', 'account_id, customer_id, pool_id'),
            ('ledger_memberships', 'account_id, customer_id, campaign_id'),
            ('ledger_lots', 'account_id, origin_entry_id, customer_id, pool_id, remaining'),
            ('ledger_lot_uses', 'account_id, entry_id, origin_entry_id'),
            ('ledger_reversals', 'account_id, entry_id'),
            ('transactions_batch_lines', 'account_id, batch_id, line')) AS w (name, columns)
        JOIN pg_class c ON c.oid = w.name::regclass
        WHERE (SELECT sum(pg_stat_get_live_tuples(p.oid)) FROM (  -- of all partitions, where there are some
                   SELECT c.oid UNION ALL SELECT i.inhrelid FROM pg_inherits i WHERE i.inhparent = c.oid) p)
              > 250 + 2 * greatest(c.reltuples, 0)
    LOOP
        EXECUTE format('ANALYZE %I (%s)', grown.name, grown.columns);
    END LOOP;
EXCEPTION WHEN lock_not_available THEN
    NULL;
END $$;
