-- SPDX-License-Identifier: Apache-2.0
-- The second fence: triggers, row-level security, and what the application's role may do.

CREATE OR REPLACE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A deleted custom field's values may go (ledger_forget_field); the application's role has no right to write here.
    IF TG_OP = 'UPDATE' AND current_setting('regulars.forgets_field', true) = 'on' THEN
        IF to_jsonb(NEW) - 'fields' = to_jsonb(OLD) - 'fields' AND OLD.fields @> NEW.fields THEN
            RETURN NEW;
        END IF;
    END IF;
    -- So may the words that were written about a person who is erased (ledger_forget_person).
    IF TG_OP = 'UPDATE' AND current_setting('regulars.forgets_person', true) = 'on' THEN
        IF to_jsonb(NEW) - 'fields' - 'description' = to_jsonb(OLD) - 'fields' - 'description'
           AND NEW.fields IS NULL AND NEW.description IN ('', OLD.description) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'entries are never changed or deleted (I6)' USING ERRCODE = 'RG006';
END $$;

DROP TRIGGER IF EXISTS ledger_entries_append_only ON ledger_entries;
CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE ON ledger_entries
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
DROP TRIGGER IF EXISTS ledger_entries_no_truncate ON ledger_entries;
CREATE TRIGGER ledger_entries_no_truncate BEFORE TRUNCATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
