-- SPDX-License-Identifier: Apache-2.0
-- ledger_lookup(): many look-ups of one customer each in one round trip. Reads only; locks nothing.
-- Served by the primary keys of customers, memberships and balances, and by the version index of each range of entries.

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

DROP FUNCTION IF EXISTS ledger_history_of(ledger_query, bigint);
CREATE OR REPLACE FUNCTION ledger_history_of(account int, customer bigint, campaign bigint, is_across boolean, length int)
RETURNS ledger_history[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(h.row ORDER BY h.occurred_at DESC, h.id DESC) FROM (
        SELECT (e.id, e.campaign_id, e.item_id, e.kind, e.amount, e.balance_after, e.user_id, e.description, e.purchase_minor,
                e.promotion_id, e.reward_id, e.rule_id, e.fields, e.occurred_at, e.recorded_at, e.reference,
                e.reverses_id, ledger_subject_of(e))::ledger_history AS row, e.occurred_at, e.id
        FROM ledger_entries e
        WHERE e.account_id = account AND e.customer_id = customer
          AND (is_across OR campaign IS NULL OR e.campaign_id = campaign)
          -- What only moved between the coalition's balance and the campaign's own is not shown.
          AND NOT (e.kind = 'move' AND EXISTS (SELECT 1 FROM ledger_entries o WHERE o.account_id = e.account_id
                   AND o.id = e.cause_id AND o.customer_id = e.customer_id))
          -- What transaction_delete took back is not shown, nor the taking back; but where it was recorded before a merge, what
          -- arrived by the merge is shown, and so is what was taken back of it.
          -- Asked one after the other: of both at once no index tells.
          AND NOT EXISTS (SELECT 1 FROM ledger_reversals d
                          WHERE d.account_id = account AND d.entry_id = e.id AND d.is_deleted)
          AND NOT EXISTS (SELECT 1 FROM ledger_reversals d
                          JOIN ledger_entries o ON o.account_id = account AND o.id = d.entry_id AND o.customer_id = customer
                          WHERE d.account_id = account AND d.entry_id = e.reverses_id AND d.is_deleted)
        ORDER BY e.occurred_at DESC, e.id DESC LIMIT length
    ) h
$$;

-- One statement for the whole batch, planned once per session: a statement per look-up took twice as long. The planner is
-- held to walking indexes by key, whatever the tables' sizes were when it planned.
CREATE OR REPLACE FUNCTION ledger_lookup(queries ledger_query[])
RETURNS TABLE ("position" int, config_version bigint, customer ledger_customer, is_due boolean,
               memberships ledger_membership[], history ledger_history[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    RETURN QUERY
    SELECT q."position", a.config_version,
           CASE WHEN c.id IS NOT NULL THEN
               (c.id, c.code, c.card_number, c.first_name, c.last_name, c.phone, c.email, c.street1, c.street2, c.city, c.state,
                c.postal_code, c.country, c.custom_date, c.username, c.is_registered, c.fields, c.created_at)::ledger_customer
           END,
           coalesce(held.is_due, false), held.memberships,
           CASE WHEN q.history_limit > 0 AND c.id IS NOT NULL AND NOT coalesce(held.is_due, false) THEN
               ledger_history_of(q.account_id, c.id, q.campaign_id, q.history_across, q.history_limit)
           END
    FROM unnest(queries) q
    LEFT JOIN accounts_accounts a ON a.id = q.account_id
    LEFT JOIN customers_customers c ON c.account_id = q.account_id AND c.deleted_at IS NULL AND c.id = coalesce(
        q.customer_id,
        -- What nearly every till sends is found without the longer search, whose first step it is.
        CASE WHEN q.code <> '' THEN
            (SELECT k.id FROM customers_customers k
             WHERE k.account_id = q.account_id AND k.code = q.code AND k.deleted_at IS NULL)
        WHEN q.card_number <> '' THEN
            (SELECT k.id FROM customers_customers k
             WHERE k.account_id = q.account_id AND k.card_number = q.card_number AND k.card_number <> ''
               AND k.deleted_at IS NULL)
        END,
        customers_resolve(q.account_id, q.code, q.card_number))
    LEFT JOIN LATERAL (
        SELECT array_agg((m.campaign_id, m.item_id, b.balance, m.cumulative, b.cumulative, m.joined_at,
                          m.first_transaction_at, m.last_transaction_at, m.last_transaction_amount, m.last_redemption_at,
                          m.last_redemption_amount, b.pool_id)::ledger_membership) AS memberships,
               bool_or(b.rules_version <> a.rules_version OR b.next_change_at <= q.at) AS is_due
        FROM ledger_memberships m
        JOIN ledger_balances b ON b.account_id = m.account_id AND b.customer_id = m.customer_id AND b.item_id = m.item_id
         AND b.pool_id = m.pool_id
        WHERE q.with_balances AND m.account_id = q.account_id AND m.customer_id = c.id
          -- In a coalition the balance is there in a store the customer never was in: his others of the pool show it.
          AND (q.campaign_id IS NULL OR m.campaign_id = q.campaign_id OR
               (SELECT h.pool_id FROM campaigns_campaigns h WHERE h.account_id = m.account_id AND h.id = m.campaign_id) =
               (SELECT w.pool_id FROM campaigns_campaigns w WHERE w.account_id = q.account_id AND w.id = q.campaign_id))
    ) held ON true;
END $$;
