-- SPDX-License-Identifier: Apache-2.0
-- Entries lie in ranges of their numbers, 10,000,000 to a partition (ADR-0028): ledger_entries_00000 has those below 10,000,000
-- (of an installation that is older than its ranges, more), ledger_entries_00001 the next ones.

-- Where a partition ends: its first number that it does not take.
CREATE OR REPLACE FUNCTION ledger_range_end(part regclass) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \(''?(\d+)''?\)')::bigint FROM pg_class c WHERE c.oid = part
$$;

-- How many numbers are left in the ranges that are there.
CREATE OR REPLACE FUNCTION ledger_numbers_left() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT (SELECT max(ledger_range_end(inhrelid::regclass)) FROM pg_inherits WHERE inhparent = 'ledger_entries'::regclass)
           - (SELECT last_value FROM ledger_entries_id_seq)
$$;

-- Make ranges, until `ahead` whole ones are free; return how many were made. No sale and no report waits: what is locked is
-- the making of ranges (SHARE UPDATE EXCLUSIVE).
CREATE OR REPLACE FUNCTION ledger_make_ranges(ahead int DEFAULT 2) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
    span CONSTANT bigint := 10000000;
    scope CONSTANT text := 'account_id = nullif(current_setting(''regulars.account_id'', true), '''')::int';
    starts bigint;
    part text;
    made int := 0;
BEGIN
    LOCK TABLE ledger_entries IN SHARE UPDATE EXCLUSIVE MODE;
    WHILE ledger_numbers_left() < ahead * span LOOP
        SELECT max(ledger_range_end(inhrelid::regclass)) INTO starts
        FROM pg_inherits WHERE inhparent = 'ledger_entries'::regclass;
        part := 'ledger_entries_' || to_char(starts / span, 'FM00000');
        EXECUTE format('CREATE TABLE %I (LIKE ledger_entries INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)', part);
        -- Of all partitions together no index can say this; ledger_apply() and its like count under the customer's lock.
        EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I UNIQUE (account_id, customer_id, pool_id, item_id, version)', part,
                       part || '_version');
        -- Nobody but the owner reads or writes it by its own name.
        EXECUTE format('REVOKE ALL ON %I FROM regulars_app', part);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', part);
        EXECUTE format('CREATE POLICY %I ON %I USING (%s) WITH CHECK (%3$s)', part || '_scope', part, scope);
        EXECUTE format('CREATE TRIGGER ledger_entries_no_truncate BEFORE TRUNCATE ON %I'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()', part);
        EXECUTE format('ALTER TABLE ledger_entries ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', part, starts, starts + span);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;

-- The database looks at partitions by itself, and never at all of them together: what joins and groups are planned by.
CREATE OR REPLACE FUNCTION ledger_refresh_statistics() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '50ms' AS $$
BEGIN
    IF (SELECT sum(pg_stat_get_live_tuples(inhrelid)) FROM pg_inherits WHERE inhparent = 'ledger_entries'::regclass)
       <= (SELECT 1000 + 1.2 * greatest(reltuples, 0) FROM pg_class WHERE oid = 'ledger_entries'::regclass) THEN
        RETURN false;
    END IF;
    ANALYZE ledger_entries;
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END $$;
