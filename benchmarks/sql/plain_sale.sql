-- SPDX-License-Identifier: Apache-2.0
\set customer random(1, {{customers}})
\set cents random(100, 9999)
\set points :cents / 100
BEGIN;
INSERT INTO entries (customer_id, amount, purchase_minor, description, occurred_at) VALUES (:customer, :points, :cents, 'Sale', now());
UPDATE balances SET balance = balance + :points, updated_at = now() WHERE customer_id = :customer;
COMMIT;
