-- SPDX-License-Identifier: Apache-2.0
-- ledger_leave(account, customer, campaign): an enrolment is taken back under which nothing was recorded. Returns left, not_in
-- (he is not in it), or used (he has more than activations there: value, or a history, that is not to be hidden).
--
-- The activation stays in the books and is no longer shown (ledger_reversals.is_deleted), as what transaction_delete took back. The
-- membership goes; the next activation, or the first sale, makes it anew. Balances are not touched: there is nothing in them.
-- Locks: the customer's row. Served by the keys of entries (customer) and memberships.
CREATE OR REPLACE FUNCTION ledger_leave(account int, customer bigint, campaign bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF account IS DISTINCT FROM nullif(current_setting('regulars.account_id', true), '')::int THEN
        RAISE EXCEPTION 'no unit of work is open for this account' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM 1 FROM customers_customers WHERE account_id = account AND id = customer FOR NO KEY UPDATE;
    PERFORM 1 FROM ledger_memberships WHERE account_id = account AND customer_id = customer AND campaign_id = campaign;
    IF NOT FOUND THEN
        RETURN 'not_in';
    END IF;
    PERFORM 1 FROM ledger_entries
    WHERE account_id = account AND customer_id = customer AND campaign_id = campaign AND kind <> 'activation';
    IF FOUND THEN
        RETURN 'used';
    END IF;
    INSERT INTO ledger_reversals (account_id, entry_id, reversed_amount, reversed_purchase_minor, is_deleted, last_entry_id)
    SELECT e.account_id, e.id, 0, 0, true, e.id FROM ledger_entries e
    WHERE e.account_id = account AND e.customer_id = customer AND e.campaign_id = campaign
    ON CONFLICT (account_id, entry_id) DO UPDATE SET is_deleted = true;
    DELETE FROM ledger_memberships WHERE account_id = account AND customer_id = customer AND campaign_id = campaign;
    RETURN 'left';
END $$;
