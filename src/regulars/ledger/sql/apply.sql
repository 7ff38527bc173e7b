-- SPDX-License-Identifier: Apache-2.0
-- The parts that posting, reversing and settling share. The caller holds the lock of the customer's row, which is the
-- lock of all the customer's balances (ADR-0005); nothing here locks anything else.

-- num / den made whole: down (toward zero), nearest (half away from zero), up (away from zero).
CREATE OR REPLACE FUNCTION ledger_round(num numeric, den numeric, rounding text) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT (CASE rounding
        WHEN 'up' THEN sign(num) * div(abs(num) + den - 1, den)
        WHEN 'nearest' THEN sign(num) * div(2 * abs(num) + den, 2 * den)
        ELSE div(num, den)
    END)::bigint
$$;

-- Take `need` from open lots, soonest expiry first, noting the use; returns what could not be taken.
-- Served by ledger_lots_open. `only_origin` restricts it to the lots of one earning.
CREATE OR REPLACE FUNCTION ledger_take_lots(
    account int, customer bigint, pool bigint, item bigint, need bigint, entry bigint, at timestamptz, only_origin bigint
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    l record;
    part bigint;
BEGIN
    FOR l IN
        SELECT origin_entry_id, id, remaining FROM ledger_lots
        WHERE account_id = account AND customer_id = customer AND pool_id = pool AND item_id = item AND remaining > 0
          AND (only_origin IS NULL OR origin_entry_id = only_origin)
        ORDER BY expires_at NULLS LAST, earned_at, origin_entry_id, id
    LOOP
        EXIT WHEN need = 0;
        part := least(need, l.remaining);
        UPDATE ledger_lots SET remaining = remaining - part
        WHERE account_id = account AND origin_entry_id = l.origin_entry_id AND id = l.id;
        INSERT INTO ledger_lot_uses (account_id, entry_id, origin_entry_id, lot_id, amount, returned, used_at)
        VALUES (account, entry, l.origin_entry_id, l.id, part, 0, at);
        need := need - part;
    END LOOP;
    RETURN need;
END $$;

-- What an amount was computed from, as campaigns/rules.py Calculation. Here and not in types.sql, so that it comes into being
-- without the other types being made anew: older code keeps its own meanwhile.
DO $$ BEGIN
    CREATE TYPE ledger_calculation AS (ratio_ppm bigint, factor_ppm bigint, bonus bigint, rounding text);
EXCEPTION WHEN duplicate_object THEN NULL;
END $$;

-- One leg of a posting: entry, lots, balance, membership. Refuses with RG00x; the caller's savepoint undoes it.
DROP FUNCTION IF EXISTS ledger_apply(ledger_posting, bigint, bigint);
CREATE OR REPLACE FUNCTION ledger_apply(
    p ledger_posting, customer bigint, cause bigint, made ledger_calculation DEFAULT NULL
) RETURNS ledger_applied LANGUAGE plpgsql AS $$
DECLARE
    b ledger_balances;
    m ledger_memberships;
    r ledger_applied;
    gain bigint;
    paid bigint;
    carried numeric;
    carried_in bigint;
    known_at timestamptz;
BEGIN
    SELECT * INTO b FROM ledger_balances
    WHERE account_id = p.account_id AND customer_id = customer AND pool_id = p.pool_id AND item_id = p.item_id;
    IF NOT FOUND THEN
        -- The first of a customer in a pool: what he has elsewhere may still have to follow him here.
        PERFORM 1 FROM ledger_balances
        WHERE account_id = p.account_id AND customer_id = customer AND rules_version <> p.rules_version;
        IF FOUND THEN
            RAISE EXCEPTION 'settle' USING ERRCODE = 'RG002';
        END IF;
        b := (p.account_id, customer, p.pool_id, p.item_id, 0, 0, 0, 0, p.occurred_at, p.occurred_at, p.recorded_at, p.recorded_at,
              NULL, p.rules_version);
    ELSIF b.rules_version <> p.rules_version OR b.next_change_at <= p.recorded_at THEN
        RAISE EXCEPTION 'settle' USING ERRCODE = 'RG002';
    END IF;
    IF p.expected_balance IS NOT NULL AND p.expected_balance <> b.balance THEN
        RAISE EXCEPTION 'unexpected_balance' USING ERRCODE = 'RG003';
    END IF;

    SELECT * INTO m FROM ledger_memberships
    WHERE account_id = p.account_id AND customer_id = customer AND campaign_id = p.campaign_id AND item_id = p.item_id;
    IF NOT FOUND THEN
        m := (p.account_id, customer, p.campaign_id, p.item_id, 0, 0, p.occurred_at, NULL, NULL, 0, NULL, 0, p.pool_id);
    ELSIF p.kind = 'activation' THEN
        RAISE EXCEPTION 'already_joined' USING ERRCODE = 'RG004';
    END IF;

    -- Of two calls at once the later may settle first: what this one adds is known from then on, so that no loss misses it.
    known_at := greatest(p.recorded_at, b.settled_until);
    r.amount := p.amount;
    IF p.remainder IS NOT NULL THEN
        carried_in := m.remainder;
        carried := m.remainder::numeric + p.remainder;
        r.amount := r.amount + div(carried, 1000000000000000)::bigint;
        m.remainder := mod(carried, 1000000000000000)::bigint;
    END IF;
    IF r.amount < 0 AND b.balance + r.amount < 0 THEN
        RAISE EXCEPTION 'insufficient_balance' USING ERRCODE = 'RG001';
    END IF;

    r.entry_id := nextval('ledger_entries_id_seq');
    gain := CASE WHEN r.amount > 0 THEN r.amount ELSE 0 END;
    IF r.amount > 0 THEN
        paid := least(b.debt, r.amount);
        b.debt := b.debt - paid;
        INSERT INTO ledger_lots (account_id, origin_entry_id, id, customer_id, pool_id, item_id, campaign_id, issued,
                                 remaining, earned_at, created_at, exempt_until, expires_at)
        VALUES (p.account_id, r.entry_id, r.entry_id, customer, p.pool_id, p.item_id, p.campaign_id, r.amount,
                r.amount - paid, p.occurred_at, known_at, NULL, p.expires_at);
    ELSIF r.amount < 0 THEN
        IF ledger_take_lots(p.account_id, customer, p.pool_id, p.item_id, -r.amount, r.entry_id, known_at, NULL) <> 0 THEN
            RAISE EXCEPTION 'I2: open lots of customer % are less than the balance', customer USING ERRCODE = 'RG099';
        END IF;
    END IF;

    b.balance := b.balance + r.amount;
    b.cumulative := b.cumulative + gain;
    b.version := b.version + 1;
    IF p.occurred_at >= b.last_activity_at THEN
        b.last_activity_at := p.occurred_at;
        b.last_recorded_at := known_at;
    END IF;
    b.next_change_at := least(b.next_change_at, p.next_change_at);
    IF b.version = 1 THEN
        INSERT INTO ledger_balances SELECT b.*;
    ELSE
        UPDATE ledger_balances SET balance = b.balance, debt = b.debt, cumulative = b.cumulative, version = b.version,
            last_activity_at = b.last_activity_at, last_recorded_at = b.last_recorded_at,
            next_change_at = b.next_change_at
        WHERE account_id = p.account_id AND customer_id = customer AND pool_id = p.pool_id AND item_id = p.item_id;
    END IF;

    m.cumulative := m.cumulative + gain;
    IF p.kind IN ('earn', 'contribute') THEN
        m.first_transaction_at := least(m.first_transaction_at, p.occurred_at);
        IF m.last_transaction_at IS NULL OR m.last_transaction_at <= p.occurred_at THEN
            m.last_transaction_at := p.occurred_at;
            m.last_transaction_amount := r.amount;
        END IF;
    ELSIF p.kind = 'redeem' THEN
        m.first_transaction_at := least(m.first_transaction_at, p.occurred_at);
        IF m.last_redemption_at IS NULL OR m.last_redemption_at <= p.occurred_at THEN
            m.last_redemption_at := p.occurred_at;
            m.last_redemption_amount := -r.amount;
        END IF;
    END IF;
    INSERT INTO ledger_memberships SELECT m.*
    ON CONFLICT (account_id, customer_id, campaign_id, item_id) DO UPDATE SET
        cumulative = m.cumulative, remainder = m.remainder, first_transaction_at = m.first_transaction_at,
        last_transaction_at = m.last_transaction_at, last_transaction_amount = m.last_transaction_amount,
        last_redemption_at = m.last_redemption_at, last_redemption_amount = m.last_redemption_amount;

    INSERT INTO ledger_entries (account_id, id, customer_id, campaign_id, pool_id, item_id, kind, amount, balance_after,
        version, user_id, description, purchase_minor, promotion_id, reward_id, ratio_ppm, factor_ppm, bonus, rounding,
        carried_in, rule_id, fields, occurred_at, recorded_at, reverses_id, cause_id, reference, idempotency_key)
    VALUES (p.account_id, r.entry_id, customer, p.campaign_id, p.pool_id, p.item_id, p.kind, r.amount, b.balance,
        b.version, p.user_id, p.description, p.purchase_minor, p.promotion_id, p.reward_id, made.ratio_ppm, made.factor_ppm,
        made.bonus, made.rounding, carried_in, NULL, p.fields, p.occurred_at, p.recorded_at, NULL, cause, p.reference,
        p.idempotency_key);

    r.balance := b.balance;
    r.cumulative := m.cumulative;
    r.pool_cumulative := b.cumulative;
    RETURN r;
END $$;
