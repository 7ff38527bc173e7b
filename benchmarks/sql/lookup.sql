-- SPDX-License-Identifier: Apache-2.0
-- One look-up by ledger_lookup(), as customer_info sends it.
\set code random({{first_code}}, {{last_code}})
SELECT "position", config_version, is_due, customer, memberships, history FROM ledger_lookup(ARRAY[ROW({{values}})::ledger_query]);
