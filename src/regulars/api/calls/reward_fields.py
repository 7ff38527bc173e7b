# SPDX-License-Identifier: Apache-2.0
"""reward_fields: the custom fields of rewards, numbered from custom_field_1 (api.md 6; our extension)."""

from __future__ import annotations

from regulars.api.calls.field_params import fields_family

FAMILY = fields_family("reward_fields", "reward", "reward", "manage_campaign_fields")
