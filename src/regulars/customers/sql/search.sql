-- SPDX-License-Identifier: Apache-2.0
-- What customer_search and customer_find look through.
--
-- customers_customers.search_text holds everything of a customer that people search for, lower case, a line each.
-- A trigger keeps it, so that it is right whoever writes the row. No PIN, no password.
CREATE OR REPLACE FUNCTION customers_write_search_text() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    NEW.search_text := CASE WHEN NEW.deleted_at IS NOT NULL THEN '' ELSE lower(concat_ws(E'\n',
        NEW.code, NEW.card_number, NEW.first_name, NEW.last_name, NEW.phone,
        regexp_replace(NEW.phone, '[^0-9]', '', 'g'), NEW.phone_digits, NEW.email,
        NEW.street1, NEW.street2, NEW.city, NEW.state, NEW.postal_code, NEW.country, NEW.custom_date, NEW.username,
        (SELECT string_agg(f.value, E'\n' ORDER BY f.key) FROM jsonb_each_text(NEW.fields) f))) END;
    RETURN NEW;
END;
$$;

CREATE OR REPLACE TRIGGER customers_customers_search_text
    BEFORE INSERT OR UPDATE ON customers_customers
    FOR EACH ROW EXECUTE FUNCTION customers_write_search_text();

-- With trigrams a partial search need not read every customer of the account. Where the extensions cannot be created
-- (no right to, or not there), searches read the account's rows: slower, never wrong.
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE EXTENSION IF NOT EXISTS btree_gin;
    CREATE INDEX IF NOT EXISTS customers_customers_search ON customers_customers
        USING gin (account_id, search_text gin_trgm_ops) WHERE deleted_at IS NULL;
EXCEPTION
    WHEN insufficient_privilege OR undefined_file OR feature_not_supported OR undefined_object THEN
        RAISE NOTICE 'customer search works without trigram index: %', SQLERRM;
END;
$$;

-- customers_candidates(account, groups): the ids of the live customers whose search_text holds every word of at least
-- one group. groups is a JSON array of arrays of texts; no groups = every customer.
--
-- SECURITY DEFINER, because under row-level security LIKE may not use an index. The fence is kept by hand: the account
-- must be the one the unit of work is open for. The words are quoted as literals, so that the planner sees whether they
-- are rare, and LIKE's own metacharacters in them are escaped.
-- Locks nothing. Served by customers_customers_search (words of three letters and more), else by the primary key.
CREATE OR REPLACE FUNCTION customers_candidates(p_account_id integer, p_groups jsonb) RETURNS SETOF bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    v_condition text;
BEGIN
    IF p_account_id IS DISTINCT FROM nullif(current_setting('regulars.account_id', true), '')::int THEN
        RAISE EXCEPTION 'no unit of work is open for this account' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT string_agg(g.condition, ' OR ') INTO v_condition
    FROM (
        SELECT '(' || string_agg(format('c.search_text LIKE %L', '%' || regexp_replace(lower(w.word), '([\\%_])', '\\\1', 'g') || '%'),
                                 ' AND ') || ')' AS condition
        FROM jsonb_array_elements(p_groups) WITH ORDINALITY AS groups (words, position),
            jsonb_array_elements_text(groups.words) AS w (word)
        GROUP BY groups.position
    ) g;
    RETURN QUERY EXECUTE format(
        'SELECT c.id FROM customers_customers c WHERE c.account_id = %s AND c.deleted_at IS NULL AND (%s)',
        p_account_id, coalesce(v_condition, 'true'));
END;
$$;
