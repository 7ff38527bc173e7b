-- SPDX-License-Identifier: Apache-2.0
-- reports_customer_list(account, wanted, asked, sort, after, need): the live customers that are wanted, in an order, behind one of
-- them: the panel's list (ADR-0022).
--
-- wanted is what customers_search() takes (customers/sql/find.sql). asked is a JSON object of what the books are asked for besides,
-- each left out where it is not asked:
--   joined_from, joined_to     the record was made in [from, to)
--   campaign                   a campaign he is in
--   pool, balance_from, balance_to, shrinking, rules_version, at
--                              what he has in a pool, all items together, is in [from, to]; whose balance may have changed by
--                              itself and is not booked (IS_DUE of reports/pending.py) is given too: the caller computes it
--   campaigns, active_from, active_to
--                              his last earning or redemption in one of these campaigns is in [from, to)
-- sort is oldest, newest or name; is_back: the ones before `after`, the nearest first. after is a customer's id, null = from the
-- start.
--
-- Returns ids, `need` + 1 or more where there are so many; is_all, whether there are no more; last, the customer that was looked
-- at last: where it goes on if not.
--
-- As customers_search(), and never longer: what its first step (some hundred customers in order, then 10,000; 5,000 where
-- books are asked) does not fill is asked from the indexes if it is rare by what they know (in less than every hundredth of those read). What is
-- rare by balance or activity alone has no index, as it would cost every sale: then the answer is short, is_all is false,
-- and the caller goes on behind `last`.
--
-- SECURITY DEFINER, as customers_search() and for its reasons. Locks nothing. Served by the primary keys of customers, memberships
-- and balances, customers_customers_by_name, customers_customers_created, ledger_memberships_campaign, and the indexes of a search.

-- By name, those without one last. (Functions are written with their schema: indexes are restored without a search path.)
CREATE INDEX IF NOT EXISTS customers_customers_by_name ON customers_customers
    (account_id, (last_name = '' AND first_name = ''), public.customers_fold(last_name), public.customers_fold(first_name), id)
    WHERE deleted_at IS NULL;

-- What is asked of the books as SQL over customers `c`: known, what an index can answer too; books, what no index knows.
CREATE OR REPLACE FUNCTION reports_customer_conditions(p_asked jsonb, OUT known text, OUT index text, OUT books text)
    LANGUAGE sql STABLE
AS $$
    WITH made AS (
        SELECT concat_ws(' AND ',
                'c.created_at >= ' || quote_literal(p_asked ->> 'joined_from') || '::timestamptz',
                'c.created_at < ' || quote_literal(p_asked ->> 'joined_to') || '::timestamptz') AS joined,
            'EXISTS (SELECT FROM ledger_memberships m WHERE m.account_id = c.account_id AND m.customer_id = c.id AND m.campaign_id = '
                || quote_literal(p_asked ->> 'campaign') || '::bigint)' AS campaign,
            'c.id IN (SELECT m.customer_id FROM ledger_memberships m WHERE m.account_id = c.account_id AND m.campaign_id = '
                || quote_literal(p_asked ->> 'campaign') || '::bigint)' AS members,
            CASE WHEN p_asked ? 'pool' THEN format(
                '(SELECT coalesce(sum(b.balance), 0) BETWEEN %L::numeric AND %L::numeric OR coalesce(bool_or(b.pool_id = ANY(%L::bigint[])'
                ' AND b.balance + b.debt > 0 AND (b.next_change_at <= %L::timestamptz OR b.rules_version <> %L::int)), false)'
                ' FROM ledger_balances b WHERE b.account_id = c.account_id AND b.customer_id = c.id AND b.pool_id = %L::bigint)',
                coalesce(p_asked ->> 'balance_from', '-Infinity'), coalesce(p_asked ->> 'balance_to', 'Infinity'),
                ARRAY(SELECT jsonb_array_elements_text(p_asked -> 'shrinking')), p_asked ->> 'at', p_asked ->> 'rules_version',
                p_asked ->> 'pool') END AS balance,
            CASE WHEN p_asked ? 'campaigns' THEN format(
                '(SELECT max(greatest(m.last_transaction_at, m.last_redemption_at)) >= %L::timestamptz'
                ' AND max(greatest(m.last_transaction_at, m.last_redemption_at)) < %L::timestamptz FROM ledger_memberships m'
                ' WHERE m.account_id = c.account_id AND m.customer_id = c.id AND m.campaign_id = ANY(%L::bigint[]))',
                coalesce(p_asked ->> 'active_from', '-infinity'), coalesce(p_asked ->> 'active_to', 'infinity'),
                ARRAY(SELECT jsonb_array_elements_text(p_asked -> 'campaigns'))) END AS active
    )
    SELECT coalesce(nullif(concat_ws(' AND ', nullif(joined, ''), campaign), ''), 'true'),
        nullif(concat_ws(' AND ', nullif(joined, ''), members), ''),
        coalesce(nullif(concat_ws(' AND ', balance, active), ''), 'true')
    FROM made
$$;

-- What customers `c` are ordered by.
CREATE OR REPLACE FUNCTION reports_customer_key(p_sort text) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
    IF p_sort NOT IN ('oldest', 'newest', 'name') THEN
        RAISE EXCEPTION 'customers are not sorted by %', p_sort;
    END IF;
    RETURN CASE p_sort WHEN 'name' THEN ARRAY['(c.last_name = '''' AND c.first_name = '''')', 'customers_fold(c.last_name)',
                                              'customers_fold(c.first_name)', 'c.id'] ELSE ARRAY['c.id'] END;
END;
$$;

-- The condition that a customer `c` stands behind another; true where there is none. One who is gone by now has no name to go on
-- behind: then the order begins anew.
CREATE OR REPLACE FUNCTION reports_customer_behind(p_account_id integer, p_sort text, p_is_down boolean, p_after bigint) RETURNS text
    LANGUAGE plpgsql STABLE
AS $$
DECLARE
    v_sign text := CASE WHEN p_is_down THEN '<' ELSE '>' END;
    a customers_customers;
BEGIN
    IF p_after IS NULL THEN
        RETURN 'true';
    ELSIF p_sort <> 'name' THEN
        RETURN format('c.id %s %L', v_sign, p_after);
    END IF;
    SELECT * INTO a FROM customers_customers c WHERE c.account_id = p_account_id AND c.id = p_after AND c.deleted_at IS NULL;
    IF NOT FOUND THEN
        RETURN 'true';
    END IF;
    RETURN format('(%s) %s (%L::boolean, %L, %L, %L::bigint)', array_to_string(reports_customer_key(p_sort), ', '), v_sign,
                  a.last_name = '' AND a.first_name = '', customers_fold(a.last_name), customers_fold(a.first_name), a.id);
END;
$$;

CREATE OR REPLACE FUNCTION reports_customer_list(
    p_account_id integer, p_wanted jsonb, p_asked jsonb, p_sort text, p_is_back boolean, p_after bigint, p_need integer,
    OUT ids bigint[], OUT is_all boolean, OUT last bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    v_test text;
    v_index text;
    v_is_sharp boolean;
    v_known text;
    v_members text;
    v_books text;
    v_is_down boolean := (p_sort = 'newest') <> p_is_back;
    v_order text := array_to_string(reports_customer_key(p_sort), CASE WHEN v_is_down THEN ' DESC, ' ELSE ', ' END)
        || CASE WHEN v_is_down THEN ' DESC' ELSE '' END;
    v_read integer := 0;
    v_rare integer := 0;
    v_probes integer[];
    v_probe integer;
    v_now integer;
    v_rare_now integer;
    v_most integer;
    v_rest bigint[];
    v_rest_read integer;
BEGIN
    PERFORM customers_require_scope(p_account_id);
    SELECT c.test, c.index, c.is_sharp INTO v_test, v_index, v_is_sharp FROM customers_search_conditions(p_wanted) c;
    SELECT c.known, c.index, c.books INTO v_known, v_members, v_books FROM reports_customer_conditions(p_asked) c;
    v_known := v_known || ' AND ' || v_test;
    v_index := concat_ws(' AND ', nullif(v_index, 'true'), v_members);
    v_probes := ARRAY[20 * (p_need + 1), CASE v_books WHEN 'true' THEN 10000 ELSE 5000 END];
    v_most := CASE v_books WHEN 'true' THEN greatest(50000, p_need + 1) ELSE 5000 END;
    ids := '{}';
    is_all := false;
    last := p_after;
    -- What many match fills the page from the first few.
    FOREACH v_probe IN ARRAY v_probes LOOP
        EXIT WHEN v_is_sharp OR is_all OR cardinality(ids) > p_need OR v_probe <= v_read;
        EXECUTE format(
            'SELECT count(*), count(*) FILTER (WHERE c.is_known), (array_agg(c.id ORDER BY c.place DESC))[1],'
            ' coalesce(array_agg(c.id ORDER BY c.place) FILTER (WHERE c.is_known AND c.is_wanted), ''{}'') FROM ('
            ' SELECT c.id, c.place, k.is_known, CASE WHEN k.is_known THEN %s END AS is_wanted FROM ('
            '  SELECT c.*, row_number() OVER () AS place FROM (SELECT * FROM customers_customers c'
            '   WHERE c.account_id = %s AND c.deleted_at IS NULL AND %s ORDER BY %s LIMIT %s) c) c'
            ' CROSS JOIN LATERAL (SELECT %s AS is_known) k) c',
            v_books, p_account_id, reports_customer_behind(p_account_id, p_sort, v_is_down, last), v_order, v_probe, v_known)
        INTO v_now, v_rare_now, p_after, v_rest;
        ids := ids || v_rest;
        v_read := v_read + v_now;
        v_rare := v_rare + v_rare_now;
        is_all := v_now < v_probe;
        last := coalesce(p_after, last);
    END LOOP;
    IF is_all OR cardinality(ids) > p_need OR v_index = '' OR v_rare * 100 > v_read THEN
        RETURN;
    END IF;
    -- Rare by what indexes know: all the rest, or as many as are tested quickly.
    EXECUTE format(
        'SELECT count(*), (array_agg(c.id ORDER BY c.place DESC))[1], coalesce(array_agg(c.id ORDER BY c.place) FILTER (WHERE %s), ''{}'')'
        ' FROM (SELECT c.*, row_number() OVER () AS place FROM (SELECT * FROM customers_customers c'
        '  WHERE c.account_id = %s AND c.deleted_at IS NULL AND %s AND %s AND %s ORDER BY %s LIMIT %s) c) c',
        v_books, p_account_id, reports_customer_behind(p_account_id, p_sort, v_is_down, last), v_index, v_known, v_order, v_most)
    INTO v_rest_read, p_after, v_rest;
    ids := ids || v_rest;
    is_all := v_rest_read < v_most;
    last := coalesce(p_after, last);
END;
$$;
