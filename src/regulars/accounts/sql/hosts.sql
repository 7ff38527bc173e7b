-- SPDX-License-Identifier: Apache-2.0
-- Hosts, asked for before anybody has signed in. Reads only; locks nothing. One host by its name: brands.sql.
-- SECURITY DEFINER, for no account's scope is open then.
-- Served by accounts_hosts_unique and the primary key of accounts_accounts.

-- All of them, for a worker of the API, which keeps them in memory (api/hosts.py).
CREATE OR REPLACE FUNCTION accounts_hosts_all() RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('host', h.host, 'account_id', a.id, 'kind', a.kind, 'agency_id', a.agency_id)),
                    '[]')
    FROM accounts_hosts h JOIN accounts_accounts a ON a.id = h.account_id
$$;
