-- SPDX-License-Identifier: Apache-2.0
-- Idempotency keys of calls that do not post (ledger_post() keeps its own). The row is committed with the call's effect.

-- Null = this is the first time, the key is now taken; else what was stored under it.
CREATE OR REPLACE FUNCTION ledger_remember(account int, wanted text, print bytea, at timestamptz, reply jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO ledger_keys (account_id, key, fingerprint, created_at, answer) VALUES (account, wanted, print, at, reply)
    ON CONFLICT (account_id, key) DO NOTHING;
    IF FOUND THEN
        RETURN NULL;
    END IF;
    RETURN ledger_recall(account, wanted);
END $$;

CREATE OR REPLACE FUNCTION ledger_recall(account int, wanted text) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT jsonb_build_object('fingerprint', encode(fingerprint, 'hex'), 'answer', answer, 'result', result)
    FROM ledger_keys WHERE account_id = account AND key = wanted
$$;

CREATE OR REPLACE FUNCTION ledger_purge_keys(before timestamptz) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH gone AS (DELETE FROM ledger_keys WHERE created_at < before RETURNING 1) SELECT count(*) FROM gone
$$;
