-- SPDX-License-Identifier: Apache-2.0
-- accounts_under(caller): the accounts that an agency's users, or the platform owner's, may see. Reads only; locks nothing.
-- The one way across the fence of row-level security between accounts, and so it asks nobody who is meant: the caller must be
-- the account of the open unit of work, and what it sees follows from its own row. A business sees nothing.
-- Served by accounts_accounts_agency.

CREATE OR REPLACE FUNCTION accounts_under(caller int)
RETURNS TABLE (id int, code text, kind text, agency_id bigint, biz_name text, state text, currency text, language text,
               timezone text, client_email text, contact_first_name text, contact_last_name text, contact_phone text,
               biz_city text, biz_country text, created_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    me accounts_accounts;
BEGIN
    IF caller IS DISTINCT FROM nullif(current_setting('regulars.account_id', true), '')::int THEN
        RAISE EXCEPTION 'no unit of work is open for this account' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT * INTO me FROM accounts_accounts a WHERE a.id = caller;
    RETURN QUERY
    SELECT a.id, a.code::text, a.kind::text, a.agency_id, a.biz_name::text, a.state::text, a.currency::text, a.language::text,
           a.timezone::text, a.client_email::text, a.contact_first_name::text, a.contact_last_name::text, a.contact_phone::text,
           a.biz_city::text, a.biz_country::text, a.created_at
    FROM accounts_accounts a
    WHERE me.kind = 'platform' OR (me.kind = 'agency' AND a.agency_id = me.agency_id)
    ORDER BY a.id;
END $$;
