-- SPDX-License-Identifier: Apache-2.0
-- ledger_forget_field(): what was noted in a transaction custom field goes with the field. Amounts and all else of an entry
-- stay (I6): the trigger of guard.sql lets nothing but a note be taken away, and only from here.

CREATE OR REPLACE FUNCTION ledger_forget_field(account int, number int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    forgotten bigint;
BEGIN
    IF account IS DISTINCT FROM nullif(current_setting('regulars.account_id', true), '')::int THEN
        RAISE EXCEPTION 'no unit of work is open for this account' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM set_config('regulars.forgets_field', 'on', true);
    UPDATE ledger_entries SET fields = fields - number::text WHERE account_id = account AND fields ? number::text;
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    PERFORM set_config('regulars.forgets_field', '', true);
    RETURN forgotten;
END $$;

-- ledger_forget_person(): what people wrote beside the entries of a person's records (texts, notes in custom fields) goes with his
-- data, and so does what was kept of him to answer retries. Amounts, times, references and what rules wrote stay (I6, I15).
CREATE OR REPLACE FUNCTION ledger_forget_person(account int, customers bigint[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    forgotten bigint;
BEGIN
    IF account IS DISTINCT FROM nullif(current_setting('regulars.account_id', true), '')::int THEN
        RAISE EXCEPTION 'no unit of work is open for this account' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM set_config('regulars.forgets_person', 'on', true);
    UPDATE ledger_entries SET fields = NULL, description = CASE WHEN kind = ANY (ledger_written_kinds()) THEN '' ELSE description END
    WHERE account_id = account AND customer_id = ANY (customers)
      AND (fields IS NOT NULL OR description <> '' AND kind = ANY (ledger_written_kinds()));
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    PERFORM set_config('regulars.forgets_person', '', true);
    UPDATE ledger_keys SET result = jsonb_set(result #- '{context,customer}', '{context,description}', '""', false)
    WHERE account_id = account AND (result ->> 'customer_id')::bigint = ANY (customers);
    RETURN forgotten;
END $$;

-- The kinds of entries whose texts people write; a merge writes the other record's code.
CREATE OR REPLACE FUNCTION ledger_written_kinds() RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$ SELECT ARRAY['earn', 'redeem', 'contribute', 'reverse', 'move'] $$;
