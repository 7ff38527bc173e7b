-- SPDX-License-Identifier: Apache-2.0
-- One sale each of a batch of customers through ledger_post(), so that the books are right by construction. %(template)s is a
-- real posting as JSON; code and amount are each customer's own. Returns how many were recorded.
SELECT count(*) FROM ledger_post(ARRAY(
    SELECT jsonb_populate_record(NULL::ledger_posting, %(template)s::jsonb || jsonb_build_object(
        'position', code, 'code', (6000000000000000 + code * 7)::text, 'amount', 100 + code %% 900,
        'purchase_minor', 100 * (100 + code %% 900)))
    FROM generate_series(%(first_code)s::bigint, %(last_code)s::bigint) AS code
)) AS posted WHERE (posted.result).status = 'ok'
