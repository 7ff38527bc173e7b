# SPDX-License-Identifier: Apache-2.0
"""
What can be done to campaigns: the package's public writes, split by what they write.

Every operation runs in the caller's unit of work, is scoped by ``account.id`` and takes ``by`` and ``at``. Whether the user
may see the campaign is asked before (``queries.get_campaign``); whether he may change it, by users/access.py.
"""

from __future__ import annotations

from regulars.campaigns.operations.campaign import (
    CampaignNameTaken,
    CampaignReference,
    create_campaign,
    deactivate_campaign,
    delete_campaign,
    locked_campaign,
    reactivate_campaign,
    set_pools,
    update_campaign,
)
from regulars.campaigns.operations.parts import (
    IdentifierTaken,
    add_item,
    add_promotion,
    add_reward,
    delete_item,
    delete_promotion,
    delete_reward,
    forget_reward_field,
    restore_item,
    restore_promotion,
    restore_reward,
    update_item,
    update_promotion,
    update_reward,
)
from regulars.campaigns.operations.schedules import (
    DepreciationExists,
    add_depreciation,
    add_fee,
    delete_depreciation,
    delete_fee,
    update_depreciation,
    update_fee,
)

__all__ = [
    "CampaignNameTaken",
    "CampaignReference",
    "DepreciationExists",
    "IdentifierTaken",
    "add_depreciation",
    "add_fee",
    "add_item",
    "add_promotion",
    "add_reward",
    "create_campaign",
    "deactivate_campaign",
    "delete_campaign",
    "delete_depreciation",
    "delete_fee",
    "delete_item",
    "delete_promotion",
    "delete_reward",
    "forget_reward_field",
    "locked_campaign",
    "reactivate_campaign",
    "restore_item",
    "restore_promotion",
    "restore_reward",
    "set_pools",
    "update_campaign",
    "update_depreciation",
    "update_fee",
    "update_item",
    "update_promotion",
    "update_reward",
]
