-- SPDX-License-Identifier: Apache-2.0
-- %(count)s customers of one account with codes from %(first_code)s on: every column a shop fills in is filled.
INSERT INTO customers_customers (account_id, code, card_number, first_name, last_name, phone, phone_digits, phone_national,
    email, street1, city, postal_code, country, custom_date, fields, username, street2, state, password_hash, pin_hash,
    pin_failures, is_registered, created_at, updated_at)
SELECT %(account_id)s, code::text, (6000000000000000 + %(account_id)s::bigint * 100000000 + code)::text,
    (ARRAY['Ada', 'Ben', 'Chiara', 'Dmitri', 'Élodie', 'Farid', 'Grace', 'Hana', 'Ivo', 'Jana'])[1 + code %% 10],
    (ARRAY['Novak', 'O''Brien', 'Müller', 'Mugisha', 'Rossi', 'Tanaka', 'Silva'])[1 + code %% 7],
    '+43 660 ' || code, '43660' || code, '660' || code,
    'customer' || code || '@example.com', code %% 200 || ' Market Street', 'Springfield', (10000 + code %% 90000)::text, 'Austria',
    '1980-' || to_char(1 + code %% 12, 'FM00') || '-' || to_char(1 + code %% 28, 'FM00'),
    jsonb_build_object('1', (ARRAY['gold', 'silver', 'bronze'])[1 + code %% 3]), '', '', '', '', '', 0, false, %(at)s, %(at)s
FROM generate_series(%(first_code)s, %(first_code)s + %(count)s - 1) AS code
