-- SPDX-License-Identifier: Apache-2.0
-- ledger_settle(): book what depreciations and fees took from one balance. What is due, and from which lots, is computed by
-- ledger/rules.py; this applies it. Locks: the customer's row (held by the caller already).
-- changes: [{"kind","rule_id","campaign_id","at","amount","description","uses":[[origin, lot, amount], ...]}, ...] in order
-- plan:    [[origin, lot, expires_at | null], ...] the next loss of lots whose plan changed

CREATE OR REPLACE FUNCTION ledger_settle(
    account int, customer bigint, pool bigint, item bigint, expected_version bigint, until timestamptz,
    next_change timestamptz, rules int, changes jsonb, plan jsonb
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    b ledger_balances;
    c jsonb;
    u jsonb;
    entry bigint;
    taken bigint;
BEGIN
    PERFORM 1 FROM customers_customers WHERE account_id = account AND id = customer FOR NO KEY UPDATE;
    SELECT * INTO b FROM ledger_balances
    WHERE account_id = account AND customer_id = customer AND pool_id = pool AND item_id = item;
    IF b.version IS DISTINCT FROM expected_version THEN
        RETURN false;
    END IF;
    FOR c IN SELECT * FROM jsonb_array_elements(changes) LOOP
        entry := nextval('ledger_entries_id_seq');
        taken := 0;
        FOR u IN SELECT * FROM jsonb_array_elements(c -> 'uses') LOOP
            UPDATE ledger_lots SET remaining = remaining - (u ->> 2)::bigint
            WHERE account_id = account AND origin_entry_id = (u ->> 0)::bigint AND id = (u ->> 1)::bigint
              AND customer_id = customer AND pool_id = pool AND item_id = item;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'no such lot of customer %', customer USING ERRCODE = 'RG099';
            END IF;
            INSERT INTO ledger_lot_uses (account_id, entry_id, origin_entry_id, lot_id, amount, returned, used_at)
            VALUES (account, entry, (u ->> 0)::bigint, (u ->> 1)::bigint, (u ->> 2)::bigint, 0, until);
            taken := taken + (u ->> 2)::bigint;
        END LOOP;
        IF taken <> (c ->> 'amount')::bigint OR taken <= 0 OR c ->> 'kind' NOT IN ('expire', 'fee') THEN
            RAISE EXCEPTION 'lots of a loss do not add up to it' USING ERRCODE = 'RG099';
        END IF;
        b.balance := b.balance - taken;
        b.version := b.version + 1;
        INSERT INTO ledger_entries (account_id, id, customer_id, campaign_id, pool_id, item_id, kind, amount, balance_after,
            version, user_id, description, rule_id, occurred_at, recorded_at)
        VALUES (account, entry, customer, (c ->> 'campaign_id')::bigint, pool, item, c ->> 'kind', -taken, b.balance,
            b.version, 0, c ->> 'description', (c ->> 'rule_id')::bigint, (c ->> 'at')::timestamptz, until);
    END LOOP;
    UPDATE ledger_lots l SET expires_at = (e ->> 2)::timestamptz
    FROM jsonb_array_elements(plan) e
    WHERE l.account_id = account AND l.origin_entry_id = (e ->> 0)::bigint AND l.id = (e ->> 1)::bigint
      AND l.customer_id = customer;
    UPDATE ledger_balances SET balance = b.balance, version = b.version, settled_until = greatest(settled_until, until),
        next_change_at = next_change, rules_version = rules
    WHERE account_id = account AND customer_id = customer AND pool_id = pool AND item_id = item;
    RETURN true;
END $$;
