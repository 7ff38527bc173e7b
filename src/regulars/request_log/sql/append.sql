-- SPDX-License-Identifier: Apache-2.0
-- request_log_append(): what a worker has gathered, of many accounts, in one statement. Locks nothing but its new rows; a
-- batch that is sent again after a lost connection changes nothing (primary key). SECURITY DEFINER, because it writes for
-- many accounts at once: each row names its own.

CREATE OR REPLACE FUNCTION request_log_append(
    accounts int[], ids bigint[], request_ids text[], calls text[], users text[], clients text[], codes text[],
    statuses smallint[], durations int[], sizes int[], sent text[], answered text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO request_log_entries (account_id, id, request_id, call, user_code, client, code, http_status, duration_us,
                                     answer_bytes, fields, answer)
    SELECT * FROM unnest(accounts, ids, request_ids, calls, users, clients, codes, statuses, durations, sizes, sent, answered)
    ON CONFLICT (account_id, id) DO NOTHING
$$;
