-- SPDX-License-Identifier: Apache-2.0
-- Brands. What an account has not set is its agency's. Reads only; locks nothing.
-- Served by the primary key of accounts_brands, accounts_hosts_unique, accounts_accounts_agency.

-- What everybody sees at the account's host before signing in. SECURITY DEFINER: no scope is open then.
CREATE OR REPLACE FUNCTION accounts_brand(wanted int) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT jsonb_build_object(
        'name', coalesce(nullif(own.name, ''), nullif(above.name, ''), CASE WHEN a.kind = 'agency' THEN g.name END,
                         nullif(a.biz_name, ''), a.code),
        'accent_colour', coalesce(nullif(own.accent_colour, ''), above.accent_colour, ''),
        'bar_colour', coalesce(nullif(own.bar_colour, ''), above.bar_colour, ''),
        'logo_mark', coalesce(left(md5(coalesce(own.logo, above.logo)), 12), ''))
    FROM accounts_accounts a
    LEFT JOIN accounts_brands own ON own.account_id = a.id
    LEFT JOIN accounts_agencies g ON g.id = a.agency_id
    LEFT JOIN accounts_accounts office ON office.agency_id = a.agency_id AND office.kind = 'agency' AND office.id <> a.id
    LEFT JOIN accounts_brands above ON above.account_id = office.id
    WHERE a.id = wanted
$$;

CREATE OR REPLACE FUNCTION accounts_host(wanted text) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT jsonb_build_object('host', h.host, 'account_id', a.id, 'kind', a.kind, 'agency_id', a.agency_id,
                              'brand', accounts_brand(a.id))
    FROM accounts_hosts h JOIN accounts_accounts a ON a.id = h.account_id WHERE h.host = wanted
$$;

-- The logo that a host shows; null = none.
CREATE OR REPLACE FUNCTION accounts_host_logo(wanted text) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(own.logo, above.logo)
    FROM accounts_hosts h
    JOIN accounts_accounts a ON a.id = h.account_id
    LEFT JOIN accounts_brands own ON own.account_id = a.id
    LEFT JOIN accounts_accounts office ON office.agency_id = a.agency_id AND office.kind = 'agency' AND office.id <> a.id
    LEFT JOIN accounts_brands above ON above.account_id = office.id
    WHERE h.host = wanted
$$;

-- From whom the account's mails come: (name, reply-to), '' = the business itself. Crosses the fence to its agency, and so only
-- for the account of the open unit of work.
CREATE OR REPLACE FUNCTION accounts_mail_sender(caller int) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF caller IS DISTINCT FROM nullif(current_setting('regulars.account_id', true), '')::int THEN
        RAISE EXCEPTION 'no unit of work is open for this account' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN (
        SELECT jsonb_build_array(coalesce(nullif(own.mail_name, ''), above.mail_name, ''),
                                 coalesce(nullif(own.mail_reply_to, ''), above.mail_reply_to, ''))
        FROM accounts_accounts a
        LEFT JOIN accounts_brands own ON own.account_id = a.id
        LEFT JOIN accounts_accounts office ON office.agency_id = a.agency_id AND office.kind = 'agency' AND office.id <> a.id
        LEFT JOIN accounts_brands above ON above.account_id = office.id
        WHERE a.id = caller);
END $$;
