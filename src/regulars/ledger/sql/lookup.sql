-- SPDX-License-Identifier: Apache-2.0
-- ledger_lookup(): many look-ups of one customer each in one round trip. Reads only; locks nothing.
-- Served by the primary keys of customers, memberships and balances, and by ledger_entries_version_unique.

-- What an entry was about, as it is called now: a new name shows in past transactions, and a deleted thing keeps its name.
CREATE OR REPLACE FUNCTION ledger_subject_of(e ledger_entries) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT coalesce(CASE
        WHEN e.item_id <> 0 THEN
            (SELECT i.description FROM campaigns_items i WHERE i.account_id = e.account_id AND i.id = e.item_id)
        WHEN e.reward_id IS NOT NULL THEN
            (SELECT r.description FROM campaigns_rewards r WHERE r.account_id = e.account_id AND r.id = e.reward_id)
        WHEN e.promotion_id IS NOT NULL THEN
            (SELECT p.description FROM campaigns_promotions p WHERE p.account_id = e.account_id AND p.id = e.promotion_id)
    END, '')
$$;

CREATE OR REPLACE FUNCTION ledger_history_of(q ledger_query, customer bigint) RETURNS ledger_history[]
LANGUAGE sql STABLE AS $$
    SELECT array_agg(h.row ORDER BY h.occurred_at DESC, h.id DESC) FROM (
        SELECT (e.id, e.campaign_id, e.item_id, e.kind, e.amount, e.balance_after, e.user_id, e.description, e.purchase_minor,
                e.promotion_id, e.reward_id, e.rule_id, e.fields, e.occurred_at, e.recorded_at, e.reference,
                e.reverses_id, ledger_subject_of(e))::ledger_history AS row, e.occurred_at, e.id
        FROM ledger_entries e
        WHERE e.account_id = q.account_id AND e.customer_id = customer
          AND (q.history_across OR q.campaign_id IS NULL OR e.campaign_id = q.campaign_id)
          -- What transaction_delete took back is not shown, nor the taking back.
          AND NOT EXISTS (SELECT 1 FROM ledger_reversals d WHERE d.account_id = q.account_id AND d.is_deleted
                          AND (d.entry_id = e.id OR d.entry_id = e.reverses_id))
        ORDER BY e.occurred_at DESC, e.id DESC LIMIT q.history_limit
    ) h
$$;

CREATE OR REPLACE FUNCTION ledger_lookup(queries ledger_query[])
RETURNS TABLE ("position" int, config_version bigint, customer ledger_customer, is_due boolean,
               memberships ledger_membership[], history ledger_history[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    q ledger_query;
    who bigint;
    rules int;
BEGIN
    FOREACH q IN ARRAY queries LOOP
        "position" := q."position";
        memberships := NULL;
        history := NULL;
        is_due := false;
        SELECT a.config_version, a.rules_version INTO config_version, rules FROM accounts_accounts a WHERE a.id = q.account_id;
        who := coalesce(q.customer_id, customers_resolve(q.account_id, q.code, q.card_number));
        SELECT c.id, c.code, c.card_number, c.first_name, c.last_name, c.phone, c.email, c.street1, c.street2, c.city, c.state,
               c.postal_code, c.country, c.custom_date, c.username, c.is_registered, c.fields, c.created_at
        INTO customer FROM customers_customers c
        WHERE c.account_id = q.account_id AND c.id = who AND c.deleted_at IS NULL;
        IF customer.id IS NOT NULL AND q.with_balances THEN
            SELECT array_agg((m.campaign_id, m.item_id, b.balance, m.cumulative, b.cumulative, m.joined_at,
                              m.first_transaction_at, m.last_transaction_at, m.last_transaction_amount, m.last_redemption_at,
                              m.last_redemption_amount, b.pool_id)::ledger_membership ORDER BY m.campaign_id, m.item_id),
                   coalesce(bool_or(b.rules_version <> rules OR b.next_change_at <= q.at), false)
            INTO memberships, is_due
            FROM ledger_memberships m
            JOIN campaigns_campaigns c ON c.account_id = m.account_id AND c.id = m.campaign_id
            JOIN ledger_balances b ON b.account_id = m.account_id AND b.customer_id = m.customer_id AND b.item_id = m.item_id
             AND b.pool_id = coalesce(c.pool_id, c.id)
            WHERE m.account_id = q.account_id AND m.customer_id = customer.id
              -- In a coalition the balance is there in a store the customer never was in: his others of the pool show it.
              AND (q.campaign_id IS NULL OR m.campaign_id = q.campaign_id OR c.pool_id =
                   (SELECT w.pool_id FROM campaigns_campaigns w WHERE w.account_id = q.account_id AND w.id = q.campaign_id));
            IF q.history_limit > 0 AND NOT is_due THEN
                history := ledger_history_of(q, customer.id);
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;
END $$;
