-- SPDX-License-Identifier: Apache-2.0
-- ledger_move(): all that one customer has goes to another (two records of one person become one; I15).
--
-- Per balance and campaign: one line takes the campaign's net from the first. With the other arrive a line of what was earned
-- there (so that cumulative goes along; always the first of the two) and a line of what is gone of it; both name the line they
-- stem from (cause_id). So no campaign's totals change. Lots move as they are: with age, expiry and origin. Debt moves too;
-- where the other has lots, they pay it.
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
    INSERT INTO ledger_memberships AS m (account_id, customer_id, campaign_id, item_id, pool_id, cumulative, remainder, joined_at,
        first_transaction_at, last_transaction_at, last_transaction_amount, last_redemption_at, last_redemption_amount)
    SELECT f.account_id, to_customer, f.campaign_id, f.item_id, f.pool_id, earned, f.remainder, f.joined_at, f.first_transaction_at,
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
    leaving bigint;
    kept bigint := f.balance;
    lines bigint := f.version;
    unpaid bigint;
BEGIN
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

    -- What was earned in a campaign goes where its balance is; a campaign that left this pool has only its net here.
    FOR c IN
        SELECT campaign_id, coalesce(x.net, 0) AS net, coalesce(m.cumulative, 0) AS earned, m.campaign_id IS NOT NULL AS is_here
        FROM (SELECT y.campaign_id, sum(y.amount)::bigint AS net FROM ledger_entries y
              WHERE y.account_id = f.account_id AND y.customer_id = f.customer_id AND y.pool_id = f.pool_id
                AND y.item_id = f.item_id GROUP BY 1) x
        FULL JOIN (SELECT k.campaign_id AS campaign_id, k.cumulative FROM ledger_memberships k
                   WHERE k.account_id = f.account_id AND k.customer_id = f.customer_id AND k.pool_id = f.pool_id
                     AND k.item_id = f.item_id) m USING (campaign_id)
        ORDER BY campaign_id
    LOOP
        CONTINUE WHEN c.net = 0 AND NOT c.is_here;
        leaving := nextval('ledger_entries_id_seq');
        kept := kept - c.net;
        lines := lines + 1;
        INSERT INTO ledger_entries (account_id, id, customer_id, campaign_id, pool_id, item_id, kind, amount, balance_after,
            version, user_id, description, occurred_at, recorded_at)
        VALUES (f.account_id, leaving, f.customer_id, c.campaign_id, f.pool_id, f.item_id, 'move', -c.net, kept, lines, by_user,
            about, at, at);
        b := ledger_arrive(b, c.campaign_id, c.earned, leaving, by_user, about, at);
        b.cumulative := b.cumulative + c.earned;
        IF c.net <> c.earned THEN
            b := ledger_arrive(b, c.campaign_id, c.net - c.earned, leaving, by_user, about, at);
        END IF;
        IF c.is_here THEN
            PERFORM ledger_join_memberships(f.account_id, f.customer_id, to_customer, c.campaign_id, f.item_id, c.earned);
        END IF;
    END LOOP;

    UPDATE ledger_balances SET balance = 0, debt = 0, version = lines, next_change_at = NULL
    WHERE account_id = f.account_id AND customer_id = f.customer_id AND pool_id = f.pool_id AND item_id = f.item_id;
    UPDATE ledger_lots SET customer_id = to_customer
    WHERE account_id = f.account_id AND customer_id = f.customer_id AND pool_id = f.pool_id AND item_id = f.item_id;
    unpaid := ledger_take_lots(f.account_id, to_customer, f.pool_id, f.item_id, b.debt + f.debt, leaving, at, NULL);
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
        -- A pool that was left for another one holds nothing any more.
        CONTINUE WHEN f.balance = 0 AND f.debt = 0 AND NOT EXISTS (
            SELECT 1 FROM ledger_memberships WHERE account_id = account AND customer_id = from_customer
             AND pool_id = f.pool_id AND item_id = f.item_id);
        PERFORM ledger_move_balance(f, to_customer, by_user, about, at);
    END LOOP;
END $$;
