-- SPDX-License-Identifier: Apache-2.0
-- ledger_follow(): the balances of one customer follow their campaigns to other pools: a coalition was made, given up, joined or
-- left (ADR-0013). Per campaign two lines of kind move: one takes from the old pool what was earned in the campaign and is left
-- (its open lots), one brings it to the new pool; they name each other (cause_id) and add up to nothing, so that no total of a
-- customer, a campaign or the account changes. Lots move as they are. Debt goes along from a campaign's own pool; from a shared
-- one with the campaign whose earning was taken back last, or with the last to leave. What other campaigns' lots paid of it on
-- arrival is given back to them on leaving. The caller has settled both pools up to the change. Locks: the customer's row.

CREATE OR REPLACE FUNCTION ledger_open_balance(m ledger_memberships, s ledger_balances, target bigint) RETURNS ledger_balances
LANGUAGE plpgsql AS $$
DECLARE
    t ledger_balances;
    is_own boolean := target = m.campaign_id;
    active_at timestamptz := CASE WHEN is_own THEN greatest(m.joined_at, m.last_transaction_at, m.last_redemption_at)
                                  ELSE s.last_activity_at END;
BEGIN
    SELECT * INTO t FROM ledger_balances
    WHERE account_id = m.account_id AND customer_id = m.customer_id AND pool_id = target AND item_id = m.item_id;
    IF NOT FOUND THEN
        t := s;
        t.pool_id := target;
        t.balance := 0;
        t.debt := 0;
        t.cumulative := 0;
        t.version := 0;
        t.opened_at := CASE WHEN is_own THEN least(m.first_transaction_at, m.joined_at) ELSE s.opened_at END;
        t.last_activity_at := active_at;
        INSERT INTO ledger_balances SELECT t.*;
    ELSIF active_at > t.last_activity_at THEN
        t.last_activity_at := active_at;
        t.last_recorded_at := greatest(t.last_recorded_at, s.last_recorded_at);
    END IF;
    IF NOT is_own THEN
        t.opened_at := least(t.opened_at, s.opened_at);
    END IF;
    t.settled_until := greatest(t.settled_until, s.settled_until);
    RETURN t;
END $$;

-- The line by which a campaign's balance came into the pool it is in; null where it was always there.
CREATE OR REPLACE FUNCTION ledger_arrival(m ledger_memberships) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT max(a.id) FROM ledger_entries a
    WHERE a.account_id = m.account_id AND a.customer_id = m.customer_id AND a.pool_id = m.pool_id AND a.item_id = m.item_id
      AND a.campaign_id = m.campaign_id AND a.kind = 'move'
$$;

-- What the lots of others paid of a campaign's debt when it came into the pool goes back, as lots of the same age; returns how
-- much. As with a redemption taken back, they are exempt from losses that were applied before they paid.
CREATE OR REPLACE FUNCTION ledger_return_payments(m ledger_memberships, leaving bigint, known_at timestamptz) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    u record;
    given bigint := 0;
BEGIN
    FOR u IN
        SELECT x.origin_entry_id, x.lot_id, x.amount - x.returned AS part, x.used_at, l.campaign_id, l.earned_at
        FROM ledger_lot_uses x
        JOIN ledger_lots l ON l.account_id = x.account_id AND l.origin_entry_id = x.origin_entry_id AND l.id = x.lot_id
        WHERE x.account_id = m.account_id AND x.entry_id = ledger_arrival(m) AND x.amount > x.returned
          AND l.customer_id = m.customer_id AND l.pool_id = m.pool_id AND l.item_id = m.item_id
          AND l.campaign_id <> m.campaign_id
        ORDER BY x.origin_entry_id, x.lot_id
    LOOP
        UPDATE ledger_lot_uses SET returned = returned + u.part
        WHERE account_id = m.account_id AND entry_id = ledger_arrival(m) AND origin_entry_id = u.origin_entry_id AND lot_id = u.lot_id;
        INSERT INTO ledger_lots (account_id, origin_entry_id, id, customer_id, pool_id, item_id, campaign_id, issued, remaining,
                                 earned_at, created_at, exempt_until, expires_at)
        VALUES (m.account_id, u.origin_entry_id, leaving, m.customer_id, m.pool_id, m.item_id, u.campaign_id, u.part, u.part,
                u.earned_at, known_at, u.used_at, NULL)
        ON CONFLICT (account_id, origin_entry_id, id) DO UPDATE SET
            issued = ledger_lots.issued + u.part, remaining = ledger_lots.remaining + u.part;
        given := given + u.part;
    END LOOP;
    RETURN given;
END $$;

CREATE OR REPLACE FUNCTION ledger_change_pool(
    m ledger_memberships, target bigint, takes_debt boolean, by_user bigint, about text, at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    s ledger_balances;
    t ledger_balances;
    leaving bigint := nextval('ledger_entries_id_seq');
    arriving bigint := nextval('ledger_entries_id_seq');
    owed bigint := 0;
    net bigint;
BEGIN
    SELECT * INTO s FROM ledger_balances
    WHERE account_id = m.account_id AND customer_id = m.customer_id AND pool_id = m.pool_id AND item_id = m.item_id;
    t := ledger_open_balance(m, s, target);
    SELECT coalesce(sum(remaining), 0) INTO net FROM ledger_lots
    WHERE account_id = m.account_id AND customer_id = m.customer_id AND pool_id = m.pool_id AND item_id = m.item_id
      AND campaign_id = m.campaign_id AND remaining > 0;
    UPDATE ledger_lots SET pool_id = target
    WHERE account_id = m.account_id AND customer_id = m.customer_id AND pool_id = m.pool_id AND item_id = m.item_id
      AND campaign_id = m.campaign_id;
    IF m.pool_id <> m.campaign_id THEN
        owed := ledger_return_payments(m, leaving, greatest(at, s.settled_until));
    END IF;
    IF takes_debt THEN
        owed := owed + s.debt;
        s.debt := 0;
    END IF;
    net := net - owed;

    INSERT INTO ledger_entries (account_id, id, customer_id, campaign_id, pool_id, item_id, kind, amount, balance_after,
        version, user_id, description, occurred_at, recorded_at, cause_id)
    VALUES (m.account_id, leaving, m.customer_id, m.campaign_id, m.pool_id, m.item_id, 'move', -net, s.balance - net,
            s.version + 1, by_user, about, at, at, arriving),
           (m.account_id, arriving, m.customer_id, m.campaign_id, target, m.item_id, 'move', net, t.balance + net,
            t.version + 1, by_user, about, at, at, leaving);
    s.debt := ledger_take_lots(m.account_id, m.customer_id, m.pool_id, m.item_id, s.debt, leaving, at, NULL);
    t.debt := ledger_take_lots(m.account_id, m.customer_id, target, m.item_id, t.debt + owed, arriving, at, NULL);

    -- The plans of both no longer hold: settle before the next use.
    UPDATE ledger_balances SET balance = balance - net, debt = s.debt, cumulative = cumulative - m.cumulative,
        version = version + 1, next_change_at = at
    WHERE account_id = m.account_id AND customer_id = m.customer_id AND pool_id = m.pool_id AND item_id = m.item_id;
    UPDATE ledger_balances SET balance = balance + net, debt = t.debt, cumulative = cumulative + m.cumulative,
        version = version + 1, opened_at = t.opened_at, last_activity_at = t.last_activity_at,
        last_recorded_at = t.last_recorded_at, settled_until = t.settled_until, next_change_at = at
    WHERE account_id = m.account_id AND customer_id = m.customer_id AND pool_id = target AND item_id = m.item_id;
    UPDATE ledger_memberships SET pool_id = target
    WHERE account_id = m.account_id AND customer_id = m.customer_id AND campaign_id = m.campaign_id AND item_id = m.item_id;
END $$;

CREATE OR REPLACE FUNCTION ledger_follow(account int, customer bigint, by_user bigint, about text, at timestamptz) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    m ledger_memberships;
    w record;
    moved int := 0;
    takes boolean;
BEGIN
    IF account IS DISTINCT FROM nullif(current_setting('regulars.account_id', true), '')::int THEN
        RAISE EXCEPTION 'no unit of work is open for this account' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM 1 FROM customers_customers WHERE account_id = account AND id = customer FOR NO KEY UPDATE;
    FOR w IN
        SELECT x.campaign_id, x.item_id, coalesce(c.pool_id, c.id) AS target,
               (SELECT e.campaign_id FROM ledger_entries e WHERE e.account_id = account AND e.customer_id = customer
                AND e.pool_id = x.pool_id AND e.item_id = x.item_id AND e.kind = 'reverse' AND e.amount < 0
                ORDER BY e.version DESC LIMIT 1) AS debtor
        FROM ledger_memberships x
        JOIN campaigns_campaigns c ON c.account_id = x.account_id AND c.id = x.campaign_id
        JOIN ledger_balances b ON b.account_id = x.account_id AND b.customer_id = x.customer_id AND b.pool_id = x.pool_id
         AND b.item_id = x.item_id
        WHERE x.account_id = account AND x.customer_id = customer AND x.pool_id <> coalesce(c.pool_id, c.id)
        -- Whose debt others paid leaves first, while their lots are still there; who brings a debt comes last, when they are.
        ORDER BY CASE
            WHEN x.pool_id = x.campaign_id THEN CASE WHEN b.debt > 0 THEN 2 ELSE 1 END
            WHEN EXISTS (SELECT 1 FROM ledger_lot_uses u WHERE u.account_id = account AND u.amount > u.returned
                         AND u.entry_id = ledger_arrival(x)) THEN 0
            ELSE 1 END, x.campaign_id, x.item_id
    LOOP
        SELECT * INTO m FROM ledger_memberships
        WHERE account_id = account AND customer_id = customer AND campaign_id = w.campaign_id AND item_id = w.item_id;
        takes := m.pool_id = m.campaign_id OR w.debtor = m.campaign_id OR NOT EXISTS (
            SELECT 1 FROM ledger_memberships o WHERE o.account_id = account AND o.customer_id = customer
            AND o.pool_id = m.pool_id AND o.item_id = m.item_id AND o.campaign_id <> m.campaign_id);
        PERFORM ledger_change_pool(m, w.target, takes, by_user, about, at);
        moved := moved + 1;
    END LOOP;
    RETURN moved;
END $$;
