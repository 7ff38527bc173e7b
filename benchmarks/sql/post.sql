-- SPDX-License-Identifier: Apache-2.0
-- One sale by ledger_post(), as record_activity sends it; the values are those of a real posting of this account.
\set code random({{first_code}}, {{last_code}})
\set cents random(100, 9999)
\set points :cents / 100
SELECT "position", result, customer FROM ledger_post(ARRAY[ROW({{values}})::ledger_posting], true,
    ARRAY[ROW({{calculation}})::ledger_calculation]);
