-- SPDX-License-Identifier: Apache-2.0
-- What an ordinary loyalty table would be: one row per customer, one row per sale, nothing else. For contestant e.
CREATE TABLE balances (
    customer_id bigint PRIMARY KEY,
    balance bigint NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE TABLE entries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES balances,
    amount bigint NOT NULL,
    purchase_minor bigint NOT NULL,
    description text NOT NULL,
    occurred_at timestamptz NOT NULL
);
CREATE INDEX entries_customer ON entries (customer_id, occurred_at);
