# SPDX-License-Identifier: Apache-2.0
"""transaction_fields: the custom fields of transactions, numbered from custom_field_1 (api.md 6)."""

from __future__ import annotations

from regulars.api.calls.field_params import fields_family

FAMILY = fields_family("transaction_fields", "transaction", "transaction", "manage_campaign_fields")
