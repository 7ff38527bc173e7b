# SPDX-License-Identifier: Apache-2.0
"""Opening and setting the modules of an account: coalition and second tier, one use case for API, panel and CLI."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from regulars.accounts.codes import use_code
from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.queries import get_account_config
from regulars.coalition.operations import Switched, end_second_tier, set_second_tier, switch_coalition, undo_switch
from regulars.kit.unchanged import UNCHANGED, Unchanged


@dataclass(frozen=True, slots=True)
class ModuleChange:
    """
    What is to change; None and UNCHANGED = nothing.

    Units: ``contribution_ppm`` in millionths of an earning. ``coalition``: on, off, undo. ``master_campaign_id`` None: no
    second tier any more.
    """

    activation_code: str | None = None
    coalition: str | None = None
    master_campaign_id: int | Unchanged | None = UNCHANGED
    contribution_ppm: int | None = None
    contribution_rounding: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to change."""
        return self == NO_CHANGE


NO_CHANGE = ModuleChange()


def change_modules(*, account: AccountConfig, by: UserConfig | None, at: datetime, change: ModuleChange) -> Switched | None:
    """
    Enter an activation code, switch the coalition, set the second tier; return what moved, None where no balance did.

    A code for coalitions makes the account one, unless it says off. Whether ``by`` may, was checked; None = the platform owner.

    Raises: ActivationCodeNotValid, ModuleNotActivated, SwitchStands, BalancesMoving, CampaignNotFound, InvalidParameter,
            StaleConfiguration, LockTimeout.
    Source: concepts.md 6; api.md 4 (our extension of account_update).
    """
    coalition = change.coalition
    if change.activation_code is not None:
        module = use_code(account=account, at=at, text=change.activation_code)
        account = get_account_config(account.id)
        if module == "coalition" and coalition is None:
            coalition = "on"
    switched = None
    if coalition is not None:
        if coalition == "undo":
            switched = undo_switch(account=account, by=by, at=at)
        else:
            switched = switch_coalition(account=account, by=by, at=at, on=coalition == "on")
        account = get_account_config(account.id)
    if change.master_campaign_id is None:
        end_second_tier(account=account, by=by, at=at)
    elif (change.master_campaign_id, change.contribution_ppm, change.contribution_rounding) != (UNCHANGED, None, None):
        set_second_tier(
            account=account,
            by=by,
            at=at,
            master_campaign_id=None if isinstance(change.master_campaign_id, Unchanged) else change.master_campaign_id,
            contribution_ppm=change.contribution_ppm,
            rounding=change.contribution_rounding,
        )
    return switched
