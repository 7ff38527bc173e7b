-- SPDX-License-Identifier: Apache-2.0
-- changes_note(): the trigger that keeps every change of configuration, users and customers' data, in the transaction that
-- makes it, whoever makes it and however: it can not be forgotten (ADR-0023). It locks nothing; one INSERT by the primary key.

-- What of a value is kept: nothing where it is empty, a dot where it is secret.
CREATE OR REPLACE FUNCTION changes_shown(name text, value jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN value IS NULL OR value IN ('null', '""', '{}', '[]') THEN NULL
        WHEN name ~ '(password|token|secret|_hash|_digest|_encrypted|^logo$)' THEN '"•"'
        ELSE value
    END
$$;

-- Columns that say nothing of what somebody did, or the same as another.
CREATE OR REPLACE FUNCTION changes_counts(name text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT name <> ALL (ARRAY[
        'account_id', 'id', 'rule_id', 'campaign_id', 'created_at', 'updated_at', 'changed_at', 'config_version',
        'rules_version', 'is_moving', 'search_text', 'phone_digits', 'phone_national', 'pin_failures', 'pin_locked_until',
        'password_failures', 'password_locked_until', 'token_encrypted', 'pin_encrypted', 'previous_token_hash',
        'merged_into_id', 'last_step', 'user_id', 'previous_pool_id', 'pool_changed_at'])
$$;

CREATE OR REPLACE FUNCTION changes_note() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    subject_name text := TG_ARGV[0];
    was jsonb := CASE WHEN TG_OP = 'INSERT' THEN '{}' ELSE to_jsonb(OLD) END;
    now_is jsonb := CASE WHEN TG_OP = 'DELETE' THEN '{}' ELSE to_jsonb(NEW) END;
    row_is jsonb := CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
    owner int := CASE WHEN TG_TABLE_NAME = 'accounts_accounts' THEN (row_is ->> 'id')::int ELSE (row_is ->> 'account_id')::int END;
    thing bigint := coalesce((row_is ->> 'rule_id')::bigint, (row_is ->> 'id')::bigint, (row_is ->> 'user_id')::bigint, 0);
    called text := coalesce(row_is ->> 'name', row_is ->> 'description', row_is ->> 'label', row_is ->> 'code', row_is ->> 'host', '');
    what text := CASE TG_OP WHEN 'INSERT' THEN 'added' WHEN 'DELETE' THEN 'deleted' ELSE 'changed' END;
    kept_before jsonb := '{}';
    kept_after jsonb := '{}';
BEGIN
    IF current_setting('regulars.keeps_no_changes', true) = 'on' THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF (was ->> 'deleted_at' IS NULL AND now_is ->> 'deleted_at' IS NOT NULL)
           OR (subject_name = 'campaign' AND was ->> 'state' <> 'deleted' AND now_is ->> 'state' = 'deleted') THEN
            what := 'deleted';
        ELSIF was ->> 'erased_at' IS NULL AND now_is ->> 'erased_at' IS NOT NULL THEN
            what := 'erased';
        ELSIF was ->> 'valid_to' IS NULL AND now_is ->> 'valid_to' IS NOT NULL THEN
            what := 'ended';
        END IF;
    END IF;
    IF subject_name = 'customer' AND what IN ('deleted', 'erased') THEN
        -- What told who he was goes from here, too; that he was erased, by whom and when, stays.
        PERFORM set_config('regulars.forgets_changes', 'on', true);
        UPDATE changes_changes SET before = '{}', after = '{}', name = ''
        WHERE account_id = owner AND subject = 'customer' AND subject_id = thing;
        PERFORM set_config('regulars.forgets_changes', '', true);
        called := '';
    ELSIF NOT (subject_name = 'customer' AND what = 'added') THEN  -- of a new customer his own row says it all
        SELECT coalesce(jsonb_object_agg(k, changes_shown(k, was -> k)) FILTER (WHERE changes_shown(k, was -> k) IS NOT NULL), '{}'),
               coalesce(jsonb_object_agg(k, changes_shown(k, now_is -> k)) FILTER (WHERE changes_shown(k, now_is -> k) IS NOT NULL), '{}')
        INTO kept_before, kept_after
        FROM jsonb_object_keys(was || now_is) k
        WHERE changes_counts(k) AND was -> k IS DISTINCT FROM now_is -> k;
        IF TG_OP = 'UPDATE' AND kept_before = '{}' AND kept_after = '{}' THEN
            RETURN NULL;
        END IF;
    END IF;
    INSERT INTO changes_changes (account_id, id, at, user_id, user_code, face, subject, subject_id, campaign_id, name, action,
                                 before, after)
    VALUES (owner, nextval('changes_changes_id_seq'), clock_timestamp(),
            coalesce(nullif(current_setting('regulars.user_id', true), '')::bigint, 0),
            coalesce(current_setting('regulars.user_code', true), ''),
            coalesce(nullif(current_setting('regulars.face', true), ''), 'cli'),
            subject_name, thing, (row_is ->> 'campaign_id')::bigint, left(called, 255), what, kept_before, kept_after);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION changes_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('regulars.forgets_changes', true) = 'on' THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION 'what was noted of a change is never changed or deleted' USING ERRCODE = 'RG006';
END $$;

-- What was kept of a customer field's values goes with the field. Served by changes_changes_subject.
CREATE OR REPLACE FUNCTION changes_forget_field(account int, number int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF account IS DISTINCT FROM nullif(current_setting('regulars.account_id', true), '')::int THEN
        RAISE EXCEPTION 'no unit of work is open for this account' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM set_config('regulars.forgets_changes', 'on', true);
    UPDATE changes_changes SET before = before #- ARRAY['fields', number::text], after = after #- ARRAY['fields', number::text]
    WHERE account_id = account AND subject = 'customer'
      AND (before -> 'fields' ? number::text OR after -> 'fields' ? number::text);
    PERFORM set_config('regulars.forgets_changes', '', true);
END $$;

-- Drops some of what is older than its time; returns how many. Served by changes_changes_at.
CREATE OR REPLACE FUNCTION changes_drop_old(account int, older_than timestamptz, at_most int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    dropped bigint;
BEGIN
    IF account IS DISTINCT FROM nullif(current_setting('regulars.account_id', true), '')::int THEN
        RAISE EXCEPTION 'no unit of work is open for this account' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM set_config('regulars.forgets_changes', 'on', true);
    DELETE FROM changes_changes WHERE account_id = account AND id = ANY (ARRAY(
        SELECT id FROM changes_changes WHERE account_id = account AND at < older_than ORDER BY at LIMIT at_most));
    GET DIAGNOSTICS dropped = ROW_COUNT;
    PERFORM set_config('regulars.forgets_changes', '', true);
    RETURN dropped;
END $$;
