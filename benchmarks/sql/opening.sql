-- SPDX-License-Identifier: Apache-2.0
-- Opening balances: a batch of one account's customers through ledger_post(), so that the books are right by construction.
-- %(template)s is a real posting as JSON; code, amount and purchase are each customer's own. Returns how many were recorded.
SELECT count(*) FROM ledger_post(ARRAY(
    SELECT jsonb_populate_record(NULL::ledger_posting, %(template)s::jsonb || jsonb_build_object(
        'position', code, 'code', code::text, 'amount', %(least)s + code %% 900,
        'purchase_minor', CASE WHEN %(is_purchase)s THEN 100 * (%(least)s + code %% 900) END))
    FROM generate_series(%(first_code)s::int, %(last_code)s::int) AS code
)) AS posted WHERE (posted.result).status = 'ok'
