-- SPDX-License-Identifier: Apache-2.0
-- Which endpoints have work, how far the books are settled, and what of a payload stays when a person is erased (ADR-0026).
-- SECURITY DEFINER where they look across accounts; those return nothing but ids. Nothing here is called when a sale is recorded.

-- Whether anybody wants to be told anything. Accounts without endpoints cost this look.
CREATE OR REPLACE FUNCTION webhooks_any() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM webhooks_endpoints)
$$;

-- A mark: the last numbers that were drawn, and then a transaction number of our own. Whoever drew one of those numbers had a
-- transaction number by then, as each of these rows is numbered under a row lock that its transaction holds already: so a lower one.
CREATE OR REPLACE FUNCTION webhooks_mark(OUT entry_id bigint, OUT change_id bigint, OUT deletion_id bigint, OUT xid bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    entry_id := coalesce(pg_sequence_last_value('ledger_entries_id_seq'), 0);
    change_id := coalesce(pg_sequence_last_value('changes_changes_id_seq'), 0);
    deletion_id := coalesce(pg_sequence_last_value('ledger_deletions_id_seq'), 0);
    xid := pg_current_xact_id()::text::bigint;
END $$;

-- Every transaction below this number has ended, and what it wrote can be seen by whoever looks from now on.
CREATE OR REPLACE FUNCTION webhooks_settled() RETURNS bigint
LANGUAGE sql VOLATILE AS $$ SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint $$;

-- The endpoints that have something behind their cursors, up to a mark. Served by the primary keys of the three tables.
CREATE OR REPLACE FUNCTION webhooks_to_collect(p_entry bigint, p_change bigint, p_deletion bigint)
RETURNS TABLE (account_id int, endpoint_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT l.account_id, l.endpoint_id FROM webhooks_lanes l
    JOIN webhooks_endpoints e ON e.account_id = l.account_id AND e.id = l.endpoint_id AND e.is_on
    WHERE EXISTS (SELECT 1 FROM ledger_entries x WHERE x.account_id = l.account_id AND x.id > l.entry_id AND x.id <= p_entry)
       OR EXISTS (SELECT 1 FROM changes_changes x WHERE x.account_id = l.account_id AND x.id > l.change_id AND x.id <= p_change)
       OR EXISTS (SELECT 1 FROM ledger_deletions x
                  WHERE x.account_id = l.account_id AND x.id > l.deletion_id AND x.id <= p_deletion)
    ORDER BY 1, 2
$$;

-- The endpoints to which something is to be sent now: what is due, where they are on and not resting; tests in any case.
-- Served by webhooks_deliveries_due.
CREATE OR REPLACE FUNCTION webhooks_to_send(p_at timestamptz) RETURNS TABLE (account_id int, endpoint_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT l.account_id, l.endpoint_id FROM webhooks_lanes l
    JOIN webhooks_endpoints e ON e.account_id = l.account_id AND e.id = l.endpoint_id
    WHERE (l.busy_until IS NULL OR l.busy_until <= p_at)
      AND EXISTS (SELECT 1 FROM webhooks_deliveries d
                  WHERE d.account_id = l.account_id AND d.endpoint_id = l.endpoint_id AND d.state = 'waiting'
                    AND d.next_attempt_at <= p_at
                    AND ((e.is_on AND (l.resting_until IS NULL OR l.resting_until <= p_at)) OR d.kind = 'webhook.test'))
    ORDER BY 1, 2
$$;

-- A payload without what tells who the customer is, and without what people wrote beside his transactions.
CREATE OR REPLACE FUNCTION webhooks_stripped(payload text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT (jsonb_set(payload::jsonb, '{data,customer}',
                      jsonb_build_object('profile_uid', payload::jsonb #> '{data,customer,profile_uid}'))
            #- '{data,changed}' #- '{data,transaction,description}' #- '{data,transaction,custom_fields}'
            #- '{data,reversal,description}')::text
$$;
