-- SPDX-License-Identifier: Apache-2.0
-- customers_resolve(account, code, card): the id of the one live customer that is meant, or null.
--
-- A code wins over a card: it is looked for among codes, then among replaced codes, and nothing else is tried.
-- A card is looked for among cards, then replaced cards, then e-mail addresses, then phone numbers, then the custom
-- fields marked searchable; from the e-mail address on, a match counts only where exactly one customer has it, and
-- several matches end the search (api.md 13 "Requests").
--
-- Locks nothing. Served by customers_customers_code_unique, customers_customers_card_unique, customers_aliases_pkey,
-- customers_customers_email, customers_customers_phone, customers_customers_phone_nat,
-- customers_field_values_value: one index probe for a code or card that is known.
-- Scoped by p_account_id itself, because it is also called from functions that row-level security does not bind.
CREATE OR REPLACE FUNCTION customers_resolve(p_account_id integer, p_code text, p_card text) RETURNS bigint
    LANGUAGE plpgsql STABLE
AS $$
DECLARE
    v_id bigint;
    v_matches bigint[];
    v_digits text;
    v_national text;
BEGIN
    IF p_code <> '' THEN
        SELECT c.id INTO v_id FROM customers_customers c
        WHERE c.account_id = p_account_id AND c.code = p_code AND c.deleted_at IS NULL;
        IF v_id IS NULL THEN
            SELECT c.id INTO v_id FROM customers_aliases a
            JOIN customers_customers c ON c.account_id = a.account_id AND c.id = a.customer_id
            WHERE a.account_id = p_account_id AND a.kind = 'code' AND a.value = p_code AND c.deleted_at IS NULL;
        END IF;
        RETURN v_id;
    END IF;
    IF p_card IS NULL OR p_card = '' THEN
        RETURN NULL;
    END IF;

    SELECT c.id INTO v_id FROM customers_customers c
    WHERE c.account_id = p_account_id AND c.card_number = p_card AND c.card_number <> '' AND c.deleted_at IS NULL;
    IF v_id IS NOT NULL THEN
        RETURN v_id;
    END IF;
    SELECT c.id INTO v_id FROM customers_aliases a
    JOIN customers_customers c ON c.account_id = a.account_id AND c.id = a.customer_id
    WHERE a.account_id = p_account_id AND a.kind = 'card' AND a.value = p_card AND c.deleted_at IS NULL;
    IF v_id IS NOT NULL THEN
        RETURN v_id;
    END IF;

    IF position('@' IN p_card) > 0 THEN
        v_matches := ARRAY(
            SELECT c.id FROM customers_customers c
            WHERE c.account_id = p_account_id AND lower(c.email) = lower(p_card) AND c.email <> '' AND c.deleted_at IS NULL
            LIMIT 2);
        IF cardinality(v_matches) > 0 THEN
            RETURN CASE cardinality(v_matches) WHEN 1 THEN v_matches[1] END;
        END IF;
    END IF;

    -- A number as people dial it at home (0788 123 456) is compared without the zeros in front; one that begins with
    -- + or 00 is compared with the country code.
    IF p_card ~ '^[+0-9][-+0-9 ()./]*$|^[(][-+0-9 ()./]+$' THEN
        v_digits := regexp_replace(regexp_replace(p_card, '[^0-9]', '', 'g'), '^00', '');
        v_national := CASE WHEN p_card ~ '^(\+|00)' THEN '' ELSE ltrim(v_digits, '0') END;
        IF length(v_digits) >= 5 THEN
            v_matches := ARRAY(
                SELECT c.id FROM customers_customers c
                WHERE c.account_id = p_account_id AND c.phone_digits = v_digits AND c.phone_digits <> ''
                    AND c.deleted_at IS NULL
                UNION
                SELECT c.id FROM customers_customers c
                WHERE c.account_id = p_account_id AND c.phone_national = v_national AND c.phone_national <> ''
                    AND c.deleted_at IS NULL
                LIMIT 2);
            IF cardinality(v_matches) > 0 THEN
                RETURN CASE cardinality(v_matches) WHEN 1 THEN v_matches[1] END;
            END IF;
        END IF;
    END IF;

    v_matches := ARRAY(
        SELECT DISTINCT v.customer_id FROM customers_field_values v
        JOIN accounts_fields f ON f.account_id = v.account_id AND f.owner = 'customer' AND f.number = v.number
        JOIN customers_customers c ON c.account_id = v.account_id AND c.id = v.customer_id
        WHERE v.account_id = p_account_id AND v.value = lower(p_card) AND f.searchable AND c.deleted_at IS NULL
        LIMIT 2);
    RETURN CASE cardinality(v_matches) WHEN 1 THEN v_matches[1] END;
END;
$$;
