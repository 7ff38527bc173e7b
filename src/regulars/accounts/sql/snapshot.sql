-- SPDX-License-Identifier: Apache-2.0
-- The configuration of one account as one document, for accounts/directory.py. Reads only; locks nothing.
-- Served by the primary keys, which all begin with account_id. SECURITY DEFINER: called before the account is known.

CREATE OR REPLACE FUNCTION accounts_snapshot(wanted int) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT jsonb_build_object(
        'account', to_jsonb(a) - '{mailchimp_password_encrypted,sms_password_encrypted}'::text[],
        'agency', (SELECT to_jsonb(g) FROM accounts_agencies g WHERE g.id = a.agency_id),
        'users', (SELECT coalesce(jsonb_agg(
                      to_jsonb(u) - '{password_hash,token_encrypted,pin_encrypted,email}'::text[]), '[]')
                  FROM users_users u WHERE u.account_id = a.id AND u.deleted_at IS NULL),
        'campaigns', (SELECT coalesce(jsonb_agg(to_jsonb(c) - '{mail_subject,mail_body}'::text[] ORDER BY c.id), '[]')
                      FROM campaigns_campaigns c WHERE c.account_id = a.id AND c.state <> 'deleted'),
        -- What their rules took up to the deletion may still have to be booked.
        'archived', (SELECT coalesce(jsonb_agg(to_jsonb(c) - '{mail_subject,mail_body}'::text[] ORDER BY c.id), '[]')
                     FROM campaigns_campaigns c WHERE c.account_id = a.id AND c.state = 'deleted'
                      AND (EXISTS (SELECT 1 FROM campaigns_depreciations d WHERE d.account_id = a.id AND d.campaign_id = c.id)
                           OR EXISTS (SELECT 1 FROM campaigns_fees f WHERE f.account_id = a.id AND f.campaign_id = c.id))),
        'rewards', (SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY r.level, r.id), '[]')
                    FROM campaigns_rewards r WHERE r.account_id = a.id AND r.deleted_at IS NULL),
        'promotions', (SELECT coalesce(jsonb_agg(to_jsonb(p) ORDER BY p.id), '[]')
                       FROM campaigns_promotions p WHERE p.account_id = a.id AND p.deleted_at IS NULL),
        'items', (SELECT coalesce(jsonb_agg(to_jsonb(i) ORDER BY i.id), '[]')
                  FROM campaigns_items i WHERE i.account_id = a.id AND i.deleted_at IS NULL),
        'depreciations', (SELECT coalesce(jsonb_agg(to_jsonb(d) ORDER BY d.id), '[]')
                          FROM campaigns_depreciations d WHERE d.account_id = a.id),
        'fees', (SELECT coalesce(jsonb_agg(to_jsonb(f) ORDER BY f.id), '[]')
                 FROM campaigns_fees f WHERE f.account_id = a.id),
        'fields', (SELECT coalesce(jsonb_agg(to_jsonb(f) ORDER BY f.owner, f.number), '[]')
                   FROM accounts_fields f WHERE f.account_id = a.id)
    )
    FROM accounts_accounts a WHERE a.id = wanted
$$;

CREATE OR REPLACE FUNCTION accounts_snapshot_by_user(wanted text) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT accounts_snapshot(l.account_id) FROM users_logins l WHERE l.user_code = lower(wanted)
$$;

-- The current version alone: what an answer made from a snapshot is checked against.
CREATE OR REPLACE FUNCTION accounts_version(wanted int) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT config_version FROM accounts_accounts WHERE id = wanted
$$;

-- Every account's id, for jobs that then work account by account in its own scope.
CREATE OR REPLACE FUNCTION accounts_list() RETURNS SETOF int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM accounts_accounts ORDER BY id
$$;

-- Any change of configuration raises the account's version, whoever makes it and however: it can not be forgotten.
CREATE OR REPLACE FUNCTION accounts_raise_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    owner int := CASE WHEN TG_OP = 'DELETE' THEN OLD.account_id ELSE NEW.account_id END;
    changes_rules boolean := TG_TABLE_NAME IN ('campaigns_depreciations', 'campaigns_fees');
BEGIN
    IF TG_TABLE_NAME = 'campaigns_campaigns' AND TG_OP = 'UPDATE' THEN
        changes_rules := OLD.pool_id IS DISTINCT FROM NEW.pool_id;  -- then balances follow, as they are settled (ADR-0013)
    END IF;
    UPDATE accounts_accounts SET config_version = config_version + 1, rules_version = rules_version + changes_rules::int
    WHERE id = owner;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION accounts_raise_own_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.config_version = OLD.config_version THEN
        NEW.config_version := OLD.config_version + 1;
    END IF;
    RETURN NEW;
END $$;
