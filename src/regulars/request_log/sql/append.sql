-- SPDX-License-Identifier: Apache-2.0
-- request_log_append(): what a worker has gathered, of many accounts, in one statement. Locks nothing but its new rows; a
-- batch that is sent again after a lost connection changes nothing (primary key). SECURITY DEFINER, because it writes for
-- many accounts at once: each row names its own.

CREATE OR REPLACE FUNCTION request_log_append(accounts int[], ids bigint[], calls text[], codes text[], documents text[])
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO request_log_entries (account_id, id, call, code, details)
    SELECT unnest(accounts), unnest(ids), unnest(calls), unnest(codes), unnest(documents)
    ON CONFLICT (account_id, id) DO NOTHING
$$;
