-- SPDX-License-Identifier: Apache-2.0
-- What signing in asks before it is known who asks. Reads only; locks nothing.
-- SECURITY DEFINER, for no account's scope is open then; they return ids and never a list to anybody who is signed in.

-- The users behind an e-mail address who may sign in to the panel, for the job that mails them (messages/sign_in_help.py).
-- Served by users_users_email.
CREATE OR REPLACE FUNCTION users_by_email(wanted text) RETURNS TABLE (account_id int, user_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT u.account_id, u.id FROM users_users u
    WHERE lower(u.email) = lower(wanted) AND u.email <> '' AND u.deleted_at IS NULL AND u.password_hash <> ''
    ORDER BY u.account_id, u.id LIMIT 100
$$;
