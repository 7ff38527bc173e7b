-- SPDX-License-Identifier: Apache-2.0
-- What customer_search and customer_find look through.
--
-- customers_fold(text): lower case in any language. A database whose own locale knows plain English letters only (C, POSIX)
-- borrows a collation that knows more: PostgreSQL's own (17 and newer), the system's, or ICU's. Where there is none either,
-- `regulars doctor` says so.
DO $$
DECLARE
    v_collation text := '';
BEGIN
    IF lower('É') <> 'é' THEN
        SELECT format(' COLLATE pg_catalog.%I', o.collname) INTO v_collation
        FROM pg_collation o
        JOIN unnest(ARRAY['pg_c_utf8', 'C.utf8', 'C.UTF-8', 'en_US.utf8', 'en_US.UTF-8', 'und-x-icu']) WITH ORDINALITY
            AS wanted (name, rank) ON wanted.name = o.collname
        WHERE o.collnamespace = 'pg_catalog'::regnamespace
            AND o.collencoding IN (-1, (SELECT d.encoding FROM pg_database d WHERE d.datname = current_database()))
        ORDER BY wanted.rank LIMIT 1;
    END IF;
    EXECUTE format('CREATE OR REPLACE FUNCTION customers_fold(p_text text) RETURNS text'
                   ' LANGUAGE sql IMMUTABLE PARALLEL SAFE AS %L', 'SELECT lower(p_text' || coalesce(v_collation, '') || ')');
END;
$$;

-- customers_customers.search_text holds everything of a customer that people search for, folded, a line each.
-- A trigger keeps it, so that it is right whoever writes the row. No PIN, no password.
CREATE OR REPLACE FUNCTION customers_write_search_text() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    NEW.search_text := CASE WHEN NEW.deleted_at IS NOT NULL THEN '' ELSE customers_fold(concat_ws(E'\n',
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

-- customers_pieces(tag, text, least, most): every piece of a text of so many characters, each behind its tag.
CREATE OR REPLACE FUNCTION customers_pieces(p_tag text, p_text text, p_least integer, p_most integer) RETURNS SETOF text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT p_tag || substr(p_text, place, size)
    FROM generate_series(p_least, p_most) AS size, generate_series(1, length(p_text) - size + 1) AS place
$$;

-- customers_grams(...): what short parts are found by, and parts of a name or of a phone number: pieces of one to three letters of
-- the names (f, l), of three digits of the phone number as typed and as understood (p), of two characters that are no digits
-- of all of search_text (t). A street named Park is no customer named Park: search_text alone would have to look at everybody
-- who lives there. (Names are written out: indexes are built and restored
-- without a search path.)
CREATE OR REPLACE FUNCTION customers_grams(
    p_first_name text, p_last_name text, p_phone text, p_digits text, p_search_text text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT coalesce(array_agg(DISTINCT piece), '{}') FROM (
        SELECT public.customers_pieces('f', public.customers_fold(p_first_name), 1, 3)
        UNION ALL SELECT public.customers_pieces('l', public.customers_fold(p_last_name), 1, 3)
        UNION ALL SELECT public.customers_pieces('p', regexp_replace(p_phone, '[^0-9]', '', 'g'), 3, 3)
        UNION ALL SELECT public.customers_pieces('p', p_digits, 3, 3)
        UNION ALL SELECT public.customers_pieces('t', regexp_replace(p_search_text, '[0-9\n]+', E'\n', 'g'), 2, 2)
    ) AS pieces (piece)
$$;

-- With these indexes a partial search need not read every customer of the account. Where the extensions cannot be created
-- (no right to, or not there), searches read more of the account's rows: slower, never wrong.
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS btree_gin;
    CREATE INDEX IF NOT EXISTS customers_customers_grams ON customers_customers
        USING gin (account_id, customers_grams(first_name, last_name, phone, phone_digits, search_text)) WHERE deleted_at IS NULL;
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX IF NOT EXISTS customers_customers_search ON customers_customers
        USING gin (account_id, search_text gin_trgm_ops) WHERE deleted_at IS NULL;
EXCEPTION
    WHEN insufficient_privilege OR undefined_file OR feature_not_supported OR undefined_object THEN
        RAISE NOTICE 'customer search works without all of its indexes: %', SQLERRM;
END;
$$;
