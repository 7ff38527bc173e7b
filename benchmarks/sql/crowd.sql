-- SPDX-License-Identifier: Apache-2.0
-- %(count)s customers of one account as a town's are: some first names everybody has, many that few have, family names in a
-- long tail, three mail providers, phones in series, a membership number in custom field 2 (searchable), enrolled evenly from
-- %(at)s to %(until)s.
WITH parts AS (
    SELECT
        string_to_array('James Mary John Anna Robert Jennifer Michael Linda Daniel Joanna William Andrea David Maria Richard Susan'
            ' Joseph Jessica Thomas Sarah Charles Karen Christopher Nancy Jonas Hannah Matthew Jana Anthony Sandra Mark Ashley'
            ' Steven Kim Paul Emily Andrew Donna Joshua Michelle Kenneth Carol Kevin Amanda Brian Johanna George Melissa Timothy'
            ' Deborah Ronald Stephanie Jason Rebecca Edward Sharon Jeffrey Laura Ryan Cynthia Jacob Dorothy Gary Amy Nicholas'
            ' Kathleen Eric Angela Jonathan Shirley Stephen Emma Larry Brenda Justin Pamela Scott Nicole Brandon Anja Benjamin'
            ' Samantha Samuel Katherine Gregory Christine Frank Helen Alexander Debra Raymond Rachel Patrick Carolyn Jack Janet'
            ' Dennis Mariana Jerry Olivia Élodie José Zoë Björn Łukasz Çağla Ödön Aïcha Ngozi Xochitl Qian Wjatscheslaw Uwe', ' ') AS first_names,
        string_to_array('Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson'
            ' Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson'
            ' Walker Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell'
            ' Mitchell Carter Roberts Novak O''Brien Müller Mugisha Rossi Tanaka Silva Park Church Lane', ' ') AS last_names,
        string_to_array('ba be bo da de do fa fe ga ge gi go ha he hi ka ke ki ko la le li lo ma me mi mo na ne ni no pa pe pi po'
            ' ra re ri ro sa se si so ta te ti to va ve vi vo wa we wi zu', ' ') AS syllables,
        string_to_array('Market Street,Church Road,Park Lane,Station Road,High Street,Mill Lane,King Street,Garden Avenue', ',') AS streets,
        string_to_array('Springfield Fairview Georgetown Salem Madison Clinton Arlington Ashland Dover Oxford Jackson Burlington'
            ' Manchester Milton Newport Auburn Centerville Clayton Dayton Lexington Milford Riverside Cleveland Kingston', ' ') AS cities
), drawn AS (
    SELECT code, p.*, random() AS a, random() AS b, random() AS c, random() AS d, floor(random() * 54)::int AS s1,
        floor(random() * 54)::int AS s2, floor(random() * 54)::int AS s3, floor(random() * 10000000)::int AS line
    FROM generate_series(%(first_code)s::bigint, %(first_code)s::bigint + %(count)s - 1) AS code, parts p
), named AS (
    SELECT *, first_names[1 + floor(cardinality(first_names) * a * a)::int] AS first_name,
        CASE WHEN b < 0.5 THEN last_names[1 + floor(cardinality(last_names) * (2 * b) ^ 2)::int]
             ELSE initcap(syllables[1 + s1] || syllables[1 + s2] || CASE WHEN c < 0.6 THEN syllables[1 + s3] ELSE '' END) END AS last_name
    FROM drawn
)
INSERT INTO customers_customers (account_id, code, card_number, first_name, last_name, phone, phone_digits, phone_national,
    email, street1, city, postal_code, country, custom_date, fields, username, street2, state, password_hash, pin_hash,
    pin_failures, is_registered, created_at, updated_at)
SELECT %(account_id)s, (6000000000000000 + code * 7)::text, CASE WHEN c < 0.9 THEN (7000000000000000 + code * 13)::text ELSE '' END,
    first_name, last_name, '+43 66' || (code %% 9) || ' ' || lpad(line::text, 7, '0'), '4366' || (code %% 9) || lpad(line::text, 7, '0'),
    '66' || (code %% 9) || lpad(line::text, 7, '0'),
    CASE WHEN d < 0.8 THEN lower(first_name) || '.' || lower(replace(last_name, '''', '')) || code || '@'
        || (ARRAY['gmail.com', 'gmail.com', 'example.com', 'example.org'])[1 + code %% 4] ELSE '' END,
    1 + line %% 200 || ' ' || streets[1 + line %% 8], cities[1 + floor(24 * d * d)::int], (10000 + line %% 90000)::text, 'Austria',
    1950 + line %% 55 || '-' || to_char(1 + line %% 12, 'FM00') || '-' || to_char(1 + line %% 28, 'FM00'),
    jsonb_build_object('1', (ARRAY['gold', 'silver', 'bronze'])[1 + line %% 3], '2', 'M-' || lpad(((code * 7919) %% 10000000)::text, 7, '0')),
    '', '', '', '', '', 0, false, enrolled_at, enrolled_at
FROM named, LATERAL (
    SELECT %(at)s + (%(until)s - %(at)s) * ((code - %(first_code)s) / %(count)s::double precision) AS enrolled_at) e ORDER BY code
