-- SPDX-License-Identifier: Apache-2.0
-- customers_search(account, wanted, after, skip, need): the ids of the live customers that are wanted, in the order they were
-- enrolled, beginning after an id: those that are left after the first `skip`, `need` of them or a few thousand more.
--
-- wanted is a JSON object:
--   groups: array of arrays of words; every word of one of them stands somewhere in the customer's data
--   fields: array of {column, value, match}; all of them hold. match is partial, exact or exact_any_case; a column is one of
--           those named below or the number of a custom field. A phone number has `digits` too; a custom field that is
--           unique or searchable, `is_indexed`.
-- Returns the ids; `seen`, how many matches there were before and among them; `is_all`, whether there are no more. So `seen`
-- is the total where is_all, and else less than it.
--
-- Two ways, since a common part ("an") and a rare one want opposite plans (ADR-0015):
--   1. The account's next customers are read one after the other, at least 10,000. What every hundredth customer matches
--      fills a page here, however many hundreds of thousands match; an account of less is wholly seen.
--   2. What did not fill it is rare, or stands far behind: the indexes give the rest, at most 50,000 at a time.
-- A whole number or address is looked for by its index at once.
--
-- SECURITY DEFINER, because under row-level security neither LIKE nor lower() may use an index. The fence is kept by hand: the
-- account must be the one the unit of work is open for. Values are quoted as literals, so that the planner sees whether they
-- are rare; LIKE's own metacharacters in them are escaped; columns are of the list below.
-- Locks nothing. Served by the primary key, customers_customers_grams, customers_customers_search, customers_customers_email,
-- customers_customers_card_unique, customers_customers_username_unique.

CREATE OR REPLACE FUNCTION customers_require_scope(p_account_id integer) RETURNS void
    LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF p_account_id IS DISTINCT FROM nullif(current_setting('regulars.account_id', true), '')::int THEN
        RAISE EXCEPTION 'no unit of work is open for this account' USING ERRCODE = 'insufficient_privilege';
    END IF;
END;
$$;

CREATE OR REPLACE FUNCTION customers_like(p_text text) RETURNS text
    LANGUAGE sql IMMUTABLE
AS $$ SELECT '%' || regexp_replace(customers_fold(p_text), '([\\%_])', '\\\1', 'g') || '%' $$;

-- The condition on the pieces that customers are found by.
CREATE OR REPLACE FUNCTION customers_grams_test(p_pieces text[]) RETURNS text
    LANGUAGE sql IMMUTABLE
AS $$
    SELECT format('customers_grams(c.first_name, c.last_name, c.phone, c.phone_digits, c.search_text) @> %L::text[]', p_pieces)
$$;

-- A part of search_text as two conditions: the test of a row, and what an index can answer, null where none can. Trigrams say
-- nothing of a part without three letters or digits in a row, and their index, asked all the same, reads all it has: so the test
-- is no LIKE then.
CREATE OR REPLACE FUNCTION customers_text_test(p_part text, OUT test text, OUT condition text)
    LANGUAGE sql IMMUTABLE
AS $$
    SELECT CASE WHEN f.part ~ '[[:alnum:]]{3}' THEN format('c.search_text LIKE %L', customers_like(f.part))
            ELSE format('position(%L IN c.search_text) > 0', f.part) END,
        CASE WHEN f.part ~ '[[:alnum:]]{3}' THEN format('c.search_text LIKE %L', customers_like(f.part))
            ELSE (SELECT customers_grams_test(array_agg(pair))
                  FROM customers_pieces('t', f.part, 2, 2) AS pair WHERE pair !~ '[0-9\n]' HAVING count(*) > 0) END
    FROM customers_fold(p_part) AS f (part)
$$;

-- The test of one field's value as SQL over customers `c`.
CREATE OR REPLACE FUNCTION customers_field_test(p_column text, p_value text, p_match text, p_digits text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
    v_column text := CASE WHEN p_column ~ '^[0-9]+$' THEN format('(c.fields ->> %L)', p_column) ELSE format('c.%I', p_column) END;
    v_test text := CASE p_match
        WHEN 'partial' THEN format('customers_fold(%s) LIKE %L', v_column, customers_like(p_value))
        WHEN 'exact' THEN format('%s = %L', v_column, p_value)
        WHEN 'exact_any_case' THEN format('customers_fold(%s) = %L', v_column, customers_fold(p_value)) END;
BEGIN
    IF v_test IS NULL OR v_column !~ '^[(]' AND p_column NOT IN ('card_number', 'first_name', 'last_name', 'phone', 'email',
            'city', 'state', 'postal_code', 'custom_date', 'username') THEN
        RAISE EXCEPTION 'customers are not searched by % (%)', p_column, p_match;
    END IF;
    IF p_column = 'phone' AND p_digits <> '' THEN
        RETURN CASE p_match
            WHEN 'partial' THEN format('(%s OR c.phone_digits LIKE %L)', v_test, '%' || p_digits || '%')
            ELSE format('(%s OR c.phone_digits = %L OR c.phone_national = %2$L)', v_test, p_digits) END;
    END IF;
    RETURN v_test;
END;
$$;

-- What follows from that test and an index can answer; null where none can. is_sharp: few rows can pass it.
CREATE OR REPLACE FUNCTION customers_field_index(
    p_column text, p_value text, p_match text, p_digits text, p_is_indexed boolean, OUT condition text, OUT is_sharp boolean)
    LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
    v_length integer := length(p_value);
    v_pieces text[];
BEGIN
    is_sharp := p_match <> 'partial' AND (p_column IN ('email', 'username', 'card_number') OR p_is_indexed
        OR p_column = 'phone' AND length(p_digits) >= 6);
    CASE
        WHEN p_column IN ('first_name', 'last_name') THEN
            v_pieces := ARRAY(SELECT customers_pieces(left(p_column, 1), customers_fold(p_value), least(v_length, 3), least(v_length, 3)));
        WHEN p_column = 'phone' AND p_digits <> '' THEN
            IF length(p_digits) >= 3 THEN
                v_pieces := ARRAY(SELECT customers_pieces('p', right(p_digits, 6), 3, 3));  -- country codes tell nobody apart
            END IF;
        WHEN p_column = 'email' AND (p_match = 'exact' OR p_match = 'exact_any_case' AND p_value ~ '^[[:ascii:]]*$') THEN
            condition := format('lower(c.email) = lower(%L) AND c.email <> %L', p_value, '');
        WHEN p_column IN ('card_number', 'username') AND (p_match = 'exact' OR is_sharp AND lower(p_value) = upper(p_value)) THEN
            condition := format('c.%1$I = %2$L AND c.%1$I <> %3$L', p_column, p_value, '');
        WHEN is_sharp AND p_column ~ '^[0-9]+$' THEN
            condition := format('c.id IN (SELECT v.customer_id FROM customers_field_values v WHERE v.account_id = c.account_id'
                                ' AND v.number = %s AND v.value = lower(%L))', p_column, p_value);
        ELSE
            SELECT t.condition INTO condition FROM customers_text_test(p_value) t;
    END CASE;
    IF v_pieces IS NOT NULL THEN
        condition := customers_grams_test(v_pieces);
    END IF;
END;
$$;

-- What all of `wanted` comes to: `test` of a row, `index` conditions that follow from it.
CREATE OR REPLACE FUNCTION customers_search_conditions(p_wanted jsonb, OUT test text, OUT index text, OUT is_sharp boolean)
    LANGUAGE sql STABLE
AS $$
    WITH words AS (
        SELECT string_agg(g.test, ' OR ') AS test,
            CASE WHEN bool_and(g.condition IS NOT NULL) THEN string_agg(g.condition, ' OR ') END AS condition
        FROM (
            SELECT '(' || string_agg(t.test, ' AND ') || ')' AS test, '(' || string_agg(t.condition, ' AND ') || ')' AS condition
            FROM jsonb_array_elements(p_wanted -> 'groups') WITH ORDINALITY AS groups (words, place),
                jsonb_array_elements_text(groups.words) AS w (word), customers_text_test(w.word) AS t
            GROUP BY groups.place
        ) g
    ), fields AS (
        SELECT string_agg(customers_field_test(f."column", f.value, f.match, coalesce(f.digits, '')), ' AND ') AS test,
            string_agg(i.condition, ' AND ') AS index, coalesce(bool_or(i.is_sharp), false) AS is_sharp
        FROM jsonb_to_recordset(p_wanted -> 'fields') AS f ("column" text, value text, match text, digits text, is_indexed boolean),
            customers_field_index(f."column", f.value, f.match, coalesce(f.digits, ''), coalesce(f.is_indexed, false)) AS i
    )
    SELECT coalesce(nullif(concat_ws(' AND ', '(' || words.test || ')', fields.test), ''), 'true'),
        coalesce(nullif(concat_ws(' AND ', '(' || words.condition || ')', fields.index), ''), 'true'), fields.is_sharp
    FROM words, fields
$$;

CREATE OR REPLACE FUNCTION customers_search(
    p_account_id integer, p_wanted jsonb, p_after bigint, p_skip bigint, p_need integer,
    OUT ids bigint[], OUT seen bigint, OUT is_all boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    v_test text;
    v_index text;
    v_is_sharp boolean;
    v_enough bigint := p_skip + p_need + 1;
    v_probe bigint := greatest(10000, 20 * v_enough);
    v_last bigint := p_after;
    v_read bigint;
    v_rest bigint[];
BEGIN
    PERFORM customers_require_scope(p_account_id);
    SELECT c.test, c.index, c.is_sharp INTO v_test, v_index, v_is_sharp FROM customers_search_conditions(p_wanted) c;
    ids := '{}';
    is_all := false;
    IF NOT v_is_sharp THEN
        EXECUTE format(
            'SELECT count(*), max(c.id), coalesce(array_agg(c.id ORDER BY c.id) FILTER (WHERE %s), ''{}'') FROM ('
            ' SELECT * FROM customers_customers n WHERE n.account_id = %s AND n.deleted_at IS NULL AND n.id > %s'
            ' ORDER BY n.id LIMIT %s) c', v_test, p_account_id, p_after, v_probe)
        INTO v_read, v_last, ids;
        is_all := v_read < v_probe;
    END IF;
    IF NOT is_all AND cardinality(ids) < v_enough THEN
        EXECUTE format(
            'SELECT coalesce(array_agg(r.id ORDER BY r.id), ''{}'') FROM ('
            ' SELECT c.id FROM customers_customers c WHERE c.account_id = %s AND c.deleted_at IS NULL AND c.id > %s'
            ' AND %s AND %s ORDER BY c.id LIMIT %s) r', p_account_id, v_last, v_index, v_test, greatest(50000, v_enough))
        INTO v_rest;
        ids := ids || v_rest;
        is_all := cardinality(v_rest) < greatest(50000, v_enough);
    END IF;
    seen := cardinality(ids);
    ids := ids[p_skip + 1:];
END;
$$;

-- customers_candidates(account, groups): the ids of all live customers in whose data every word of one of the groups stands, for
-- the reports.
CREATE OR REPLACE FUNCTION customers_candidates(p_account_id integer, p_groups jsonb) RETURNS SETOF bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    v_test text;
    v_index text;
BEGIN
    PERFORM customers_require_scope(p_account_id);
    SELECT c.test, c.index INTO v_test, v_index FROM customers_search_conditions(jsonb_build_object('groups', p_groups)) c;
    RETURN QUERY EXECUTE format(
        'SELECT c.id FROM customers_customers c WHERE c.account_id = %s AND c.deleted_at IS NULL AND %s AND %s',
        p_account_id, v_index, v_test);
END;
$$;

-- customers_resolve() for calls that are not hot: its e-mail look-up reaches its index (lower() is not leakproof either).
CREATE OR REPLACE FUNCTION customers_resolve_own(p_account_id integer, p_code text, p_card text) RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM customers_require_scope(p_account_id);
    RETURN customers_resolve(p_account_id, p_code, p_card);
END;
$$;
