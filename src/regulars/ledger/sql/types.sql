-- SPDX-License-Identifier: Apache-2.0
-- What crosses into and out of the ledger's functions. The order of ledger_posting is that of books.Posting.

DROP TYPE IF EXISTS ledger_posting CASCADE;
CREATE TYPE ledger_posting AS (
    position int,
    account_id int,
    config_version bigint,
    kind text,
    campaign_id bigint,
    pool_id bigint,
    amount bigint,              -- signed, in the unit of the pool
    user_id bigint,
    occurred_at timestamptz,
    recorded_at timestamptz,
    rules_version int,
    customer_id bigint,         -- or code, or card_number
    code text,
    card_number text,
    item_id bigint,
    remainder bigint,           -- 10^-15 points to carry; null = not carried
    description text,
    purchase_minor bigint,
    promotion_id bigint,
    reward_id bigint,
    fields jsonb,
    expires_at timestamptz,     -- the new lot's next loss
    next_change_at timestamptz, -- not later than the balance's next change by itself, as far as this posting knows
    expected_balance bigint,
    reference text,
    idempotency_key text,
    fingerprint bytea,
    context jsonb,
    guard text,                 -- duplicate guard: null, flag, first
    guard_seconds int,
    contribute_campaign_id bigint,
    contribute_pool_id bigint,
    contribute_ppm int,
    contribute_rounding text,
    contribute_expires_at timestamptz,
    contribute_next_change_at timestamptz,
    contribute_rules_version int,
    sends_mail boolean,
    dry_run boolean
);

DROP TYPE IF EXISTS ledger_result CASCADE;
CREATE TYPE ledger_result AS (
    status text,                -- ok, replay, or why not
    config_version bigint,
    customer_id bigint,
    entry_id bigint,
    amount bigint,
    balance bigint,
    cumulative bigint,
    pool_cumulative bigint,
    contribute_amount bigint,
    contribute_balance bigint,
    duplicate_of bigint,
    context jsonb
);

DROP TYPE IF EXISTS ledger_applied CASCADE;
CREATE TYPE ledger_applied AS (
    entry_id bigint,
    amount bigint,
    balance bigint,
    cumulative bigint,
    pool_cumulative bigint
);

-- The customer's own data as answers show it: never the password, never the PIN.
DROP TYPE IF EXISTS ledger_customer CASCADE;
CREATE TYPE ledger_customer AS (
    id bigint,
    code text,
    card_number text,
    first_name text,
    last_name text,
    phone text,
    email text,
    street1 text,
    street2 text,
    city text,
    state text,
    postal_code text,
    country text,
    custom_date text,
    username text,
    is_registered boolean,
    fields jsonb,
    created_at timestamptz
);

DROP TYPE IF EXISTS ledger_query CASCADE;
CREATE TYPE ledger_query AS (
    position int,
    account_id int,
    config_version bigint,
    at timestamptz,
    customer_id bigint,
    code text,
    card_number text,
    campaign_id bigint,         -- null = all campaigns the customer is in
    with_balances boolean,
    history_limit int,
    history_across boolean
);

DROP TYPE IF EXISTS ledger_membership CASCADE;
CREATE TYPE ledger_membership AS (
    campaign_id bigint,
    item_id bigint,
    balance bigint,
    cumulative bigint,
    pool_cumulative bigint,
    joined_at timestamptz,
    first_transaction_at timestamptz,
    last_transaction_at timestamptz,
    last_transaction_amount bigint,
    last_redemption_at timestamptz,
    last_redemption_amount bigint,
    pool_id bigint
);

DROP TYPE IF EXISTS ledger_history CASCADE;
CREATE TYPE ledger_history AS (
    id bigint,
    campaign_id bigint,
    item_id bigint,
    kind text,
    amount bigint,
    balance_after bigint,
    user_id bigint,
    description text,
    purchase_minor bigint,
    promotion_id bigint,
    reward_id bigint,
    rule_id bigint,
    fields jsonb,
    occurred_at timestamptz,
    recorded_at timestamptz,
    reference text,
    reverses_id bigint,
    subject text                -- the item, reward or promotion as it is called now, deleted ones too
);
