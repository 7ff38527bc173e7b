-- SPDX-License-Identifier: Apache-2.0
-- Files across accounts, for the jobs. SECURITY DEFINER: it looks across accounts, and gives away nothing but numbers.

-- The accounts with a file that waits for the jobs: to be read, tried, begun, or tidied up after its batch is done. Reads only,
-- locks nothing. Served by transactions_imports_open and the key of transactions_batches.
CREATE OR REPLACE FUNCTION transactions_accounts_with_imports() RETURNS SETOF int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT DISTINCT i.account_id FROM transactions_imports i
    WHERE i.state IN ('reading', 'checking', 'starting')
       OR (i.state = 'importing' AND NOT EXISTS (
           SELECT FROM transactions_batches b
           WHERE b.account_id = i.account_id AND b.id = i.batch_id AND b.state = 'running'))
    ORDER BY 1
$$;
