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
