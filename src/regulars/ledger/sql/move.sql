-- SPDX-License-Identifier: Apache-2.0
-- ledger_move(): all that one customer has goes to another (two records of one person become one; I15).
--
-- Per balance: one line takes it from the first. With the other arrive, per campaign, a line of what was earned there (so that
-- cumulative goes along) and a line of what is gone of it; each names the line it stems from (cause_id). Lots move as they are:
-- with age, expiry and origin. Debt moves too; where the other has lots, they pay it.
-- Both customers are settled before, in the same transaction. Locks: both customers' rows, in their order.

CREATE OR REPLACE FUNCTION ledger_arrive(
    INOUT b ledger_balances, campaign bigint, gain bigint, cause bigint, by_user bigint, about text, at timestamptz
) LANGUAGE plpgsql AS $$
BEGIN
    b.balance := b.balance + gain;
    b.version := b.version + 1;
    INSERT INTO ledger_entries (account_id, id, customer_id, campaign_id, pool_id, item_id, kind, amount, balance_after,
        version, user_id, description, occurred_at, recorded_at, cause_id)
    VALUES (b.account_id, nextval('ledger_entries_id_seq'), b.customer_id, campaign, b.pool_id, b.item_id, 'move', gain,
        b.balance, b.version, by_user, about, at, at, cause);
END $$;

-- The membership of the other takes up that of the first.
CREATE OR REPLACE FUNCTION ledger_join_memberships(
    account int, from_customer bigint, to_customer bigint, campaign bigint, item bigint, earned bigint
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO ledger_memberships AS m (account_id, customer_id, campaign_id, item_id, cumulative, remainder, joined_at,
        first_transaction_at, last_transaction_at, last_transaction_amount, last_redemption_at, last_redemption_amount)
    SELECT f.account_id, to_customer, f.campaign_id, f.item_id, earned, f.remainder, f.joined_at, f.first_transaction_at,
           f.last_transaction_at, f.last_transaction_amount, f.last_redemption_at, f.last_redemption_amount
    FROM ledger_memberships f
    WHERE f.account_id = account AND f.customer_id = from_customer AND f.campaign_id = campaign AND f.item_id = item
    ON CONFLICT (account_id, customer_id, campaign_id, item_id) DO UPDATE SET
        cumulative = m.cumulative + excluded.cumulative,
        remainder = m.remainder + excluded.remainder,
        joined_at = least(m.joined_at, excluded.joined_at),
        first_transaction_at = least(m.first_transaction_at, excluded.first_transaction_at),
        last_transaction_at = greatest(m.last_transaction_at, excluded.last_transaction_at),
        last_transaction_amount = CASE WHEN m.last_transaction_at IS NULL OR m.last_transaction_at < excluded.last_transaction_at
            THEN excluded.last_transaction_amount ELSE m.last_transaction_amount END,
        last_redemption_at = greatest(m.last_redemption_at, excluded.last_redemption_at),
        last_redemption_amount = CASE WHEN m.last_redemption_at IS NULL OR m.last_redemption_at < excluded.last_redemption_at
            THEN excluded.last_redemption_amount ELSE m.last_redemption_amount END
$$;

CREATE OR REPLACE FUNCTION ledger_move_balance(f ledger_balances, to_customer bigint, by_user bigint, about text, at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    b ledger_balances;
    c record;
    leaving bigint := nextval('ledger_entries_id_seq');
    owed bigint;
    unpaid bigint;
BEGIN
    INSERT INTO ledger_entries (account_id, id, customer_id, campaign_id, pool_id, item_id, kind, amount, balance_after,
        version, user_id, description, occurred_at, recorded_at)
    SELECT f.account_id, leaving, f.customer_id, x.campaign_id, f.pool_id, f.item_id, 'move', -f.balance, 0, f.version + 1, by_user,
           about, at, at
    FROM ledger_entries x WHERE x.account_id = f.account_id AND x.customer_id = f.customer_id AND x.pool_id = f.pool_id
         AND x.item_id = f.item_id AND x.version = f.version;
    UPDATE ledger_balances SET balance = 0, debt = 0, version = f.version + 1, next_change_at = NULL
    WHERE account_id = f.account_id AND customer_id = f.customer_id AND pool_id = f.pool_id AND item_id = f.item_id;
    UPDATE ledger_lots SET customer_id = to_customer
    WHERE account_id = f.account_id AND customer_id = f.customer_id AND pool_id = f.pool_id AND item_id = f.item_id;

    SELECT * INTO b FROM ledger_balances
    WHERE account_id = f.account_id AND customer_id = to_customer AND pool_id = f.pool_id AND item_id = f.item_id;
    IF NOT FOUND THEN
        b := f;
        b.customer_id := to_customer;
        b.balance := 0;
        b.debt := 0;
        b.cumulative := 0;
        b.version := 0;
        INSERT INTO ledger_balances SELECT b.*;
    ELSIF f.last_activity_at > b.last_activity_at THEN
        b.last_activity_at := f.last_activity_at;
        b.last_recorded_at := f.last_recorded_at;
    END IF;

    FOR c IN
        SELECT x.campaign_id, sum(x.amount)::bigint AS net,
               sum(CASE WHEN x.kind IN ('earn', 'contribute') AND x.amount > 0 THEN x.amount
                        WHEN x.kind = 'move' AND x.cause_id IS NOT NULL AND x.amount > 0 THEN x.amount
                        WHEN x.kind = 'reverse' AND x.amount < 0 THEN x.amount ELSE 0 END)::bigint AS earned
        FROM ledger_entries x WHERE x.account_id = f.account_id AND x.customer_id = f.customer_id AND x.pool_id = f.pool_id
             AND x.item_id = f.item_id AND x.id <> leaving
        GROUP BY x.campaign_id ORDER BY x.campaign_id
    LOOP
        b := ledger_arrive(b, c.campaign_id, c.earned, leaving, by_user, about, at);
        b.cumulative := b.cumulative + c.earned;
        IF c.net <> c.earned THEN
            b := ledger_arrive(b, c.campaign_id, c.net - c.earned, leaving, by_user, about, at);
        END IF;
        PERFORM ledger_join_memberships(f.account_id, f.customer_id, to_customer, c.campaign_id, f.item_id, c.earned);
    END LOOP;

    owed := b.debt + f.debt;
    unpaid := ledger_take_lots(f.account_id, to_customer, f.pool_id, f.item_id, owed, leaving, at, NULL);
    -- The earlier of two plans no longer holds: settle before the next use.
    UPDATE ledger_balances SET balance = b.balance, debt = unpaid, cumulative = b.cumulative, version = b.version,
        last_activity_at = b.last_activity_at, last_recorded_at = b.last_recorded_at,
        settled_until = greatest(settled_until, f.settled_until, at), next_change_at = at
    WHERE account_id = f.account_id AND customer_id = to_customer AND pool_id = f.pool_id AND item_id = f.item_id;
END $$;

CREATE OR REPLACE FUNCTION ledger_move(
    account int, from_customer bigint, to_customer bigint, by_user bigint, about text, at timestamptz
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    f ledger_balances;
    known int;
BEGIN
    IF account IS DISTINCT FROM nullif(current_setting('regulars.account_id', true), '')::int THEN
        RAISE EXCEPTION 'no unit of work is open for this account' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT count(*) INTO known FROM (
        SELECT 1 FROM customers_customers WHERE account_id = account AND id IN (from_customer, to_customer) AND deleted_at IS NULL
        ORDER BY account_id, id FOR NO KEY UPDATE) held;
    IF known <> 2 THEN
        RAISE EXCEPTION 'two live customers are expected' USING ERRCODE = 'RG099';
    END IF;
    FOR f IN SELECT * FROM ledger_balances WHERE account_id = account AND customer_id = from_customer
             ORDER BY pool_id, item_id LOOP
        PERFORM ledger_move_balance(f, to_customer, by_user, about, at);
    END LOOP;
END $$;
