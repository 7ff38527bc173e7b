-- SPDX-License-Identifier: Apache-2.0
-- ledger_reverse(): take an earning or a redemption back, in whole or in part, by a new entry (ADR-0005).
-- An earning: what is left of its own lots goes first; what it already lost to expiry and fees is given back and taken with
-- it; then other lots, soonest expiry first; what is left after that is debt, paid by the next earnings.
-- A redemption: what it took returns as lots with the age and the expiry they had.
-- Locks: the customer's row.
-- What was recorded under a record that was merged into another is taken back from the other, who has its lots and its debt:
-- the functions below are given the entry with him as its customer.

-- Append one entry and write the balance's new state.
CREATE OR REPLACE FUNCTION ledger_append_reverse(
    INOUT b ledger_balances, entry bigint, e ledger_entries, gain bigint, by_user bigint, about text, at timestamptz,
    purchase bigint, rule bigint
) LANGUAGE plpgsql AS $$
BEGIN
    b.balance := b.balance + gain;
    b.version := b.version + 1;
    INSERT INTO ledger_entries (account_id, id, customer_id, campaign_id, pool_id, item_id, kind, amount, balance_after,
        version, user_id, description, purchase_minor, rule_id, occurred_at, recorded_at, reverses_id)
    VALUES (e.account_id, entry, e.customer_id, e.campaign_id, e.pool_id, e.item_id, 'reverse', gain, b.balance,
        b.version, by_user, about, purchase, rule, at, at, e.id);
END $$;

-- What the lots of an earning lost to expiry and fees, up to `need`, is given back; returns how much.
CREATE OR REPLACE FUNCTION ledger_return_losses(
    INOUT b ledger_balances, e ledger_entries, need bigint, by_user bigint, at timestamptz, OUT given bigint
) LANGUAGE plpgsql AS $$
DECLARE
    u record;
    part bigint;
    loss ledger_entries;
BEGIN
    given := 0;
    FOR u IN
        SELECT x.* FROM ledger_lot_uses x JOIN ledger_entries l ON l.account_id = x.account_id AND l.id = x.entry_id
        WHERE x.account_id = e.account_id AND x.origin_entry_id = e.id AND l.kind IN ('expire', 'fee') AND x.amount > x.returned
        ORDER BY x.entry_id DESC, x.lot_id
    LOOP
        EXIT WHEN given = need;
        part := least(need - given, u.amount - u.returned);
        UPDATE ledger_lot_uses SET returned = returned + part
        WHERE account_id = e.account_id AND entry_id = u.entry_id AND origin_entry_id = u.origin_entry_id AND lot_id = u.lot_id;
        SELECT * INTO loss FROM ledger_entries WHERE account_id = e.account_id AND id = u.entry_id;
        -- Whose lots they are now, and in which pool.
        loss.customer_id := e.customer_id;
        loss.pool_id := b.pool_id;
        b := ledger_append_reverse(b, nextval('ledger_entries_id_seq'), loss, part, by_user, loss.description, at, NULL,
                                   loss.rule_id);
        given := given + part;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION ledger_reverse_one(
    e ledger_entries, take bigint, purchase bigint, by_user bigint, about text, at timestamptz, erase boolean,
    OUT entry bigint, OUT balance bigint, OUT cumulative bigint, OUT total bigint
) LANGUAGE plpgsql AS $$
DECLARE
    b ledger_balances;
    v ledger_reversals;
    u record;
    losses record;
    need bigint := take;
    part bigint;
    paid bigint;
    given bigint;
    known_at timestamptz;
BEGIN
    -- Where the campaign's balance is now: it may have moved to another pool since.
    SELECT pool_id INTO e.pool_id FROM ledger_memberships
    WHERE account_id = e.account_id AND customer_id = e.customer_id AND campaign_id = e.campaign_id AND item_id = e.item_id;
    SELECT * INTO b FROM ledger_balances
    WHERE account_id = e.account_id AND customer_id = e.customer_id AND pool_id = e.pool_id AND item_id = e.item_id;
    SELECT * INTO v FROM ledger_reversals WHERE account_id = e.account_id AND entry_id = e.id;
    total := coalesce(v.reversed_amount, 0) + take;
    IF take < 0 OR total > abs(e.amount) THEN
        RAISE EXCEPTION 'more than the original' USING ERRCODE = 'RG009';
    END IF;
    entry := nextval('ledger_entries_id_seq');
    known_at := greatest(at, b.settled_until);

    IF e.amount > 0 THEN
        need := ledger_take_lots(e.account_id, e.customer_id, e.pool_id, e.item_id, need, entry, at, e.id);
        SELECT * INTO losses FROM ledger_return_losses(b, e, need, by_user, at);
        b := losses.b;
        given := losses.given;
        need := ledger_take_lots(e.account_id, e.customer_id, e.pool_id, e.item_id, need - given, entry, at, NULL);
        b.debt := b.debt + need;
        b.cumulative := b.cumulative - take;
        b := ledger_append_reverse(b, entry, e, -take, by_user, about, at, -purchase, NULL);
    ELSE
        paid := least(b.debt, need);
        b.debt := b.debt - paid;
        FOR u IN
            -- What was earned in a store that has left the pool since is from now on this store's.
            SELECT x.origin_entry_id, x.lot_id, x.amount, x.returned, x.used_at, l.earned_at, l.exempt_until,
                   CASE WHEN m.pool_id = e.pool_id THEN l.campaign_id ELSE e.campaign_id END AS campaign_id
            FROM ledger_lot_uses x
            JOIN ledger_lots l ON l.account_id = x.account_id AND l.origin_entry_id = x.origin_entry_id AND l.id = x.lot_id
            LEFT JOIN ledger_memberships m ON m.account_id = l.account_id AND m.customer_id = e.customer_id
             AND m.campaign_id = l.campaign_id AND m.item_id = l.item_id
            WHERE x.account_id = e.account_id AND x.entry_id = e.id AND x.amount > x.returned
            ORDER BY l.earned_at DESC, x.origin_entry_id DESC, x.lot_id DESC  -- the youngest first: it lasts longest
        LOOP
            EXIT WHEN need = 0;
            part := least(need, u.amount - u.returned);
            UPDATE ledger_lot_uses SET returned = returned + part
            WHERE account_id = e.account_id AND entry_id = e.id AND origin_entry_id = u.origin_entry_id AND lot_id = u.lot_id;
            INSERT INTO ledger_lots (account_id, origin_entry_id, id, customer_id, pool_id, item_id, campaign_id, issued,
                                     remaining, earned_at, created_at, exempt_until, expires_at)
            VALUES (e.account_id, u.origin_entry_id, entry, e.customer_id, e.pool_id, e.item_id, u.campaign_id, part,
                    part - least(paid, part), u.earned_at, known_at, u.used_at, NULL)
            ON CONFLICT (account_id, origin_entry_id, id) DO UPDATE SET
                issued = ledger_lots.issued + part, remaining = ledger_lots.remaining + part - least(paid, part);
            paid := paid - least(paid, part);
            need := need - part;
        END LOOP;
        IF need <> 0 THEN
            RAISE EXCEPTION 'uses of entry % do not add up to it', e.id USING ERRCODE = 'RG099';
        END IF;
        b := ledger_append_reverse(b, entry, e, take, by_user, about, at, purchase, NULL);
    END IF;

    -- Restored lots may be due at once, and the plan of what is left has changed: settle before the next use.
    UPDATE ledger_balances SET balance = b.balance, debt = b.debt, cumulative = b.cumulative, version = b.version,
        last_activity_at = greatest(last_activity_at, at), last_recorded_at = known_at, next_change_at = at
    WHERE account_id = e.account_id AND customer_id = e.customer_id AND pool_id = e.pool_id AND item_id = e.item_id;
    INSERT INTO ledger_reversals (account_id, entry_id, reversed_amount, reversed_purchase_minor, is_deleted, last_entry_id)
    VALUES (e.account_id, e.id, take, coalesce(purchase, 0), erase, entry)
    ON CONFLICT (account_id, entry_id) DO UPDATE SET reversed_amount = total,
        reversed_purchase_minor = ledger_reversals.reversed_purchase_minor + coalesce(purchase, 0),
        is_deleted = ledger_reversals.is_deleted OR erase, last_entry_id = entry;
    cumulative := ledger_remember_last(e, CASE WHEN e.amount > 0 THEN take ELSE 0 END);
    balance := b.balance;
END $$;

-- The membership after a reversal: what was earned, and which transactions are now the first and last ones.
CREATE OR REPLACE FUNCTION ledger_remember_last(e ledger_entries, less bigint) RETURNS bigint LANGUAGE sql AS $$
    WITH kept AS (
        SELECT x.kind, x.amount, x.occurred_at, x.id FROM ledger_entries x
        LEFT JOIN ledger_reversals v ON v.account_id = x.account_id AND v.entry_id = x.id
        WHERE x.account_id = e.account_id AND x.customer_id = ANY (customers_records(e.account_id, e.customer_id))
          AND x.item_id = e.item_id
          AND x.campaign_id = e.campaign_id AND x.kind IN ('earn', 'contribute', 'redeem')
          AND (v.entry_id IS NULL OR v.reversed_amount < abs(x.amount))
    ), earned AS (
        SELECT occurred_at, amount FROM kept WHERE kind <> 'redeem' ORDER BY occurred_at DESC, id DESC LIMIT 1
    ), spent AS (
        SELECT occurred_at, -amount AS amount FROM kept WHERE kind = 'redeem' ORDER BY occurred_at DESC, id DESC LIMIT 1
    )
    UPDATE ledger_memberships m SET
        cumulative = m.cumulative - less,
        first_transaction_at = (SELECT min(occurred_at) FROM kept),
        last_transaction_at = (SELECT occurred_at FROM earned),
        last_transaction_amount = coalesce((SELECT amount FROM earned), 0),
        last_redemption_at = (SELECT occurred_at FROM spent),
        last_redemption_amount = coalesce((SELECT amount FROM spent), 0)
    WHERE m.account_id = e.account_id AND m.customer_id = e.customer_id AND m.campaign_id = e.campaign_id
      AND m.item_id = e.item_id
    RETURNING m.cumulative
$$;

-- The face of it: the entry, and in proportion what it contributed to a second tier.
CREATE OR REPLACE FUNCTION ledger_reverse(
    account int, wanted bigint, take bigint, purchase bigint, by_user bigint, about text, at timestamptz, erase boolean,
    OUT entry bigint, OUT balance bigint, OUT cumulative bigint, OUT total bigint
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    e ledger_entries;
    c ledger_entries;
    ignored record;
    due bigint;
    first_customer bigint;
BEGIN
    SELECT * INTO e FROM ledger_entries WHERE account_id = account AND id = wanted AND kind IN ('earn', 'redeem');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'transaction_not_found' USING ERRCODE = 'RG010';
    END IF;
    first_customer := e.customer_id;
    e.customer_id := customers_survivor(account, first_customer);
    PERFORM 1 FROM customers_customers WHERE account_id = account AND id = e.customer_id AND deleted_at IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'transaction_not_found' USING ERRCODE = 'RG010';
    END IF;
    SELECT * INTO entry, balance, cumulative, total FROM ledger_reverse_one(e, take, purchase, by_user, about, at, erase);
    IF erase THEN
        PERFORM ledger_note_deletion(e.account_id, e.id, entry, by_user, at);
    END IF;
    IF e.amount > 0 THEN
        FOR c IN SELECT * FROM ledger_entries x WHERE x.account_id = account AND x.customer_id = first_customer
                 AND x.kind = 'contribute' AND x.cause_id = e.id LOOP
            c.customer_id := e.customer_id;
            due := div(c.amount::numeric * total, e.amount)
                   - coalesce((SELECT reversed_amount FROM ledger_reversals v
                               WHERE v.account_id = account AND v.entry_id = c.id), 0);
            SELECT * INTO ignored FROM ledger_reverse_one(c, due, NULL, by_user, about, at, erase);
        END LOOP;
    END IF;
END $$;

-- That a transaction was deleted is a fact of its own: after a whole reversal no line is written (ADR-0026). Under the customer's lock.
CREATE OR REPLACE FUNCTION ledger_note_deletion(account int, wanted bigint, made_by bigint, by_user bigint, at timestamptz)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO ledger_deletions (account_id, id, entry_id, reversal_id, user_id, recorded_at)
    VALUES (account, nextval('ledger_deletions_id_seq'), wanted, made_by, by_user, at)
    ON CONFLICT (account_id, entry_id) DO NOTHING
$$;

-- What was taken back wholly is not shown any more either (transaction_delete after transaction_reverse). The caller holds the
-- customer's row. Older code says neither who nor when.
DROP FUNCTION IF EXISTS ledger_hide_reversed(int, bigint);
CREATE OR REPLACE FUNCTION ledger_hide_reversed(account int, wanted bigint, by_user bigint DEFAULT 0, at timestamptz DEFAULT now())
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE ledger_reversals v SET is_deleted = true
    FROM ledger_entries e
    WHERE e.account_id = account AND e.id = wanted AND v.account_id = account
      AND (v.entry_id = e.id OR v.entry_id IN (
          SELECT c.id FROM ledger_entries c WHERE c.account_id = account AND c.customer_id = e.customer_id
             AND c.kind = 'contribute' AND c.cause_id = e.id))
      AND EXISTS (SELECT 1 FROM ledger_reversals w WHERE w.account_id = account AND w.entry_id = e.id
                  AND w.reversed_amount = abs(e.amount));
    IF FOUND THEN
        PERFORM ledger_note_deletion(account, wanted, NULL, by_user, at);
    END IF;
END $$;

-- What had been earned in an entry's campaign once the entry was written: earnings, less what was taken back, and what a merge
-- brought (the first line that names the line it stems from). Lines of one customer are numbered in order.
CREATE OR REPLACE FUNCTION ledger_earned(e ledger_entries) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(x.amount), 0)::bigint FROM ledger_entries x
    WHERE x.account_id = e.account_id AND x.customer_id = e.customer_id AND x.campaign_id = e.campaign_id
      AND x.item_id = e.item_id AND x.id <= e.id
      AND ((x.kind = 'reverse' AND x.amount < 0) OR (x.kind IN ('earn', 'contribute') AND x.amount > 0)
           OR (x.kind = 'move' AND EXISTS (SELECT 1 FROM ledger_entries o WHERE o.account_id = x.account_id
               AND o.id = x.cause_id AND o.customer_id <> x.customer_id)
               AND NOT EXISTS (SELECT 1 FROM ledger_entries f WHERE f.account_id = x.account_id
               AND f.customer_id = x.customer_id AND f.campaign_id = x.campaign_id AND f.cause_id = x.cause_id AND f.id < x.id)))
$$;

-- Bring every balance of a customer to zero: the customer is being deleted, the shop owes nothing more.
CREATE OR REPLACE FUNCTION ledger_close_customer(account int, customer bigint, by_user bigint, at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    b ledger_balances;
    entry bigint;
BEGIN
    PERFORM 1 FROM customers_customers WHERE account_id = account AND id = customer FOR NO KEY UPDATE;
    FOR b IN SELECT * FROM ledger_balances WHERE account_id = account AND customer_id = customer
             AND (balance <> 0 OR debt <> 0) ORDER BY pool_id, item_id LOOP
        entry := nextval('ledger_entries_id_seq');
        IF b.balance > 0 THEN
            PERFORM ledger_take_lots(account, customer, b.pool_id, b.item_id, b.balance, entry, at, NULL);
        END IF;
        INSERT INTO ledger_entries (account_id, id, customer_id, campaign_id, pool_id, item_id, kind, amount, balance_after,
            version, user_id, description, occurred_at, recorded_at)
        SELECT account, entry, customer, x.campaign_id, b.pool_id, b.item_id, 'expire', -b.balance, 0, b.version + 1, by_user,
               'Customer deleted.', at, at
        FROM ledger_entries x WHERE x.account_id = account AND x.customer_id = customer AND x.pool_id = b.pool_id
             AND x.item_id = b.item_id AND x.version = b.version;
        UPDATE ledger_balances SET balance = 0, debt = 0, version = b.version + 1, next_change_at = NULL
        WHERE account_id = account AND customer_id = customer AND pool_id = b.pool_id AND item_id = b.item_id;
    END LOOP;
    -- What was kept to answer a retry holds personal data too.
    UPDATE ledger_keys SET result = result #- '{context,customer}'
    WHERE account_id = account AND result ->> 'customer_id' = customer::text;
END $$;
