-- SPDX-License-Identifier: Apache-2.0
-- Which record a customer is under now, after merges. Reads only; locks nothing. Scoped by the account given.
-- Served by the primary key and by customers_customers_merged.

-- The live record that a record became part of (itself, where it was never merged); null where the customer was deleted.
CREATE OR REPLACE FUNCTION customers_survivor(account int, customer bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    c record;
BEGIN
    LOOP
        SELECT k.id, k.deleted_at, k.merged_into_id INTO c FROM customers_customers k
        WHERE k.account_id = account AND k.id = customer;
        IF c.id IS NULL OR (c.deleted_at IS NOT NULL AND c.merged_into_id IS NULL) THEN
            RETURN NULL;
        END IF;
        IF c.deleted_at IS NULL THEN
            RETURN c.id;
        END IF;
        customer := c.merged_into_id;
    END LOOP;
END $$;

-- A record with all that became part of it.
CREATE OR REPLACE FUNCTION customers_records(account int, customer bigint) RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ARRAY(
        WITH RECURSIVE records (id) AS (
            SELECT customer
            UNION
            SELECT k.id FROM records r JOIN customers_customers k ON k.account_id = account AND k.merged_into_id = r.id
        ) SELECT id FROM records);
END $$;
