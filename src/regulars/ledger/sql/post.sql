-- SPDX-License-Identifier: Apache-2.0
-- ledger_post(): the only way value is earned or spent. Many postings in one call and one commit; each succeeds or fails
-- by itself (a savepoint each). Locks: the rows of the customers named, in order of (account, customer); then the rows of
-- the idempotency keys, in order of (account, key). So two batches can never wait for each other in a circle.
-- With waits = false no customer is waited for: a posting whose customer somebody else holds is answered "busy" and left
-- undone, so that one held customer delays nobody else; the caller sends it again with waits = true.

DROP FUNCTION IF EXISTS ledger_post_one(ledger_posting, ledger_customer, bigint, int);
CREATE OR REPLACE FUNCTION ledger_post_one(
    p ledger_posting, who ledger_customer, version bigint, rules int, made ledger_calculation DEFAULT NULL
) RETURNS ledger_result LANGUAGE plpgsql AS $$
DECLARE
    r ledger_result;
    a ledger_applied;
    k ledger_keys;
    token text := p.idempotency_key;
    leg ledger_posting;
BEGIN
    r.config_version := version;
    r.customer_id := who.id;
    IF token IS NULL AND p.guard IS NOT NULL THEN
        token := 'guard:' || encode(p.fingerprint, 'hex');
    END IF;
    IF token IS NOT NULL AND NOT p.dry_run THEN
        INSERT INTO ledger_keys (account_id, key, fingerprint, created_at)
        VALUES (p.account_id, token, p.fingerprint, p.recorded_at) ON CONFLICT (account_id, key) DO NOTHING;
        IF NOT FOUND THEN
            SELECT * INTO k FROM ledger_keys WHERE account_id = p.account_id AND key = token;
            IF p.idempotency_key IS NOT NULL THEN
                IF k.fingerprint <> p.fingerprint OR k.result IS NULL THEN
                    RAISE EXCEPTION 'key_reused' USING ERRCODE = 'RG005';
                END IF;
                r := jsonb_populate_record(NULL::ledger_result, k.result);
                r.status := 'replay';
                RETURN r;
            END IF;
            IF k.created_at > p.recorded_at - make_interval(secs => p.guard_seconds) AND k.result IS NOT NULL THEN
                IF p.guard = 'first' THEN
                    r := jsonb_populate_record(NULL::ledger_result, k.result);
                    r.status := 'replay';
                    RETURN r;
                END IF;
                r.duplicate_of := (k.result ->> 'entry_id')::bigint;
            END IF;
            UPDATE ledger_keys SET created_at = p.recorded_at WHERE account_id = p.account_id AND key = token;
        END IF;
    END IF;
    IF p.config_version <> version OR p.rules_version <> rules THEN
        RAISE EXCEPTION 'stale' USING ERRCODE = 'RG007';
    END IF;

    a := ledger_apply(p, who.id, NULL, made);
    r.entry_id := a.entry_id;
    r.amount := a.amount;
    r.balance := a.balance;
    r.cumulative := a.cumulative;
    r.pool_cumulative := a.pool_cumulative;

    IF p.contribute_campaign_id IS NOT NULL AND a.amount > 0 THEN
        leg := p;
        leg.kind := 'contribute';
        leg.campaign_id := p.contribute_campaign_id;
        leg.pool_id := p.contribute_pool_id;
        leg.amount := ledger_round(a.amount::numeric * p.contribute_ppm, 1000000, p.contribute_rounding);
        leg.remainder := NULL;
        leg.expires_at := p.contribute_expires_at;
        leg.next_change_at := p.contribute_next_change_at;
        leg.rules_version := p.contribute_rules_version;
        leg.expected_balance := NULL;
        leg.purchase_minor := NULL;
        leg.promotion_id := NULL;
        leg.reference := NULL;
        made := (NULL, p.contribute_ppm, NULL, p.contribute_rounding);
        a := ledger_apply(leg, who.id, r.entry_id, made);
        r.contribute_amount := a.amount;
        r.contribute_balance := a.balance;
    END IF;

    IF p.sends_mail THEN
        INSERT INTO messages_outbox (account_id, id, kind, customer_id, entry_id, recipient, subject, body, created_at,
                                     next_attempt_at, attempt_count, last_error)
        SELECT p.account_id, nextval('messages_outbox_id_seq'), 'transaction', who.id, r.entry_id, '', '', '',
               p.recorded_at, p.recorded_at, 0, '' WHERE who.email <> '';
    END IF;
    r.status := 'ok';
    IF token IS NOT NULL THEN
        -- All the answer was made of, so that the same answer can be given again.
        r.context := coalesce(p.context, '{}') || jsonb_build_object('customer', to_jsonb(who));
        UPDATE ledger_keys SET result = to_jsonb(r) WHERE account_id = p.account_id AND key = token;
    END IF;
    r.context := NULL;
    IF p.dry_run THEN
        -- The savepoint undoes it; the numbers survive in the message.
        RAISE EXCEPTION '%', to_jsonb(r) USING ERRCODE = 'RG008';
    END IF;
    RETURN r;
END $$;

-- calculations[i] is what the amount of postings[i] was computed from; null = none was. Older code gives two arguments.
DROP FUNCTION IF EXISTS ledger_post(ledger_posting[]);
DROP FUNCTION IF EXISTS ledger_post(ledger_posting[], boolean);
CREATE OR REPLACE FUNCTION ledger_post(
    postings ledger_posting[], waits boolean DEFAULT true, calculations ledger_calculation[] DEFAULT NULL
) RETURNS TABLE ("position" int, result ledger_result, customer ledger_customer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    p ledger_posting;
    r ledger_result;
    accounts int[];
    ids bigint[];
    tokens text[];
    held bigint[];
    version bigint;
    rules int;
    i int;
BEGIN
    FOREACH p IN ARRAY postings LOOP
        accounts := accounts || p.account_id;
        ids := ids || coalesce(p.customer_id, customers_resolve(p.account_id, p.code, p.card_number));
        tokens := tokens || coalesce(p.idempotency_key,
                                     CASE WHEN p.guard IS NOT NULL THEN 'guard:' || encode(p.fingerprint, 'hex') END);
    END LOOP;
    IF waits THEN
        PERFORM 1 FROM customers_customers c
        WHERE (c.account_id, c.id) IN (SELECT * FROM unnest(accounts, ids))
        ORDER BY c.account_id, c.id FOR NO KEY UPDATE;
    ELSE
        SELECT array_agg(l.id) INTO held FROM (
            SELECT c.id FROM customers_customers c
            WHERE (c.account_id, c.id) IN (SELECT * FROM unnest(accounts, ids))
            ORDER BY c.account_id, c.id FOR NO KEY UPDATE SKIP LOCKED) l;
    END IF;

    FOR i IN SELECT n FROM unnest(accounts, tokens) WITH ORDINALITY AS t (account, token, n)
             ORDER BY t.account, t.token NULLS FIRST, n LOOP
        p := postings[i];
        r := NULL;
        SELECT c.id, c.code, c.card_number, c.first_name, c.last_name, c.phone, c.email, c.street1, c.street2, c.city, c.state,
               c.postal_code, c.country, c.custom_date, c.username, c.is_registered, c.fields, c.created_at
        INTO customer FROM customers_customers c
        WHERE c.account_id = p.account_id AND c.id = ids[i] AND c.deleted_at IS NULL;
        SELECT config_version, rules_version INTO version, rules FROM accounts_accounts a WHERE a.id = p.account_id;
        BEGIN
            IF NOT waits AND customer.id IS NOT NULL AND (held IS NULL OR customer.id <> ALL (held)) THEN
                r.status := 'busy';
            ELSIF customer.id IS NULL AND p.config_version = version THEN
                r.status := 'customer_not_found';
            ELSIF customer.id IS NULL THEN
                r.status := 'stale';
            ELSE
                r := ledger_post_one(p, customer, version, rules, calculations[i]);
            END IF;
        EXCEPTION
            WHEN SQLSTATE 'RG001' OR SQLSTATE 'RG002' OR SQLSTATE 'RG003' OR SQLSTATE 'RG004' OR SQLSTATE 'RG005'
                 OR SQLSTATE 'RG007' THEN
                r := NULL;
                r.status := SQLERRM;
            WHEN SQLSTATE 'RG008' THEN
                r := jsonb_populate_record(NULL::ledger_result, SQLERRM::jsonb);
            WHEN lock_not_available OR deadlock_detected THEN
                r := NULL;
                r.status := 'lock_timeout';
            WHEN numeric_value_out_of_range THEN
                r := NULL;
                r.status := 'out_of_range';
        END;
        r.config_version := version;
        r.customer_id := customer.id;
        "position" := p."position";
        result := r;
        RETURN NEXT;
    END LOOP;
END $$;
