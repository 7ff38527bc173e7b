# SPDX-License-Identifier: Apache-2.0
"""
What a balance will do, as a picture made here and as text: the steps come from ledger/timeline.py, this draws them.

The picture has no words in it: its scales stand beside it, so that they can be read on a telephone, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.accounts.directory import CampaignConfig
from regulars.ledger.rules import add_interval
from regulars.ledger.timeline import Step, campaigns_of_pool, monthly_earnings, timeline
from regulars.panel.campaign_words import amount_text
from regulars.panel.viewer import Viewer

MONTHS = 24
WIDTH, HEIGHT = 1000, 300
TICKS = (0, 6, 12, 18, 24)
ROWS_MAX = 60
"""Steps in the table; a sentence says that there are more."""


@dataclass(frozen=True, slots=True)
class Supposed:
    """What somebody earns. Units: the campaign's. ``is_monthly``: again on the same day of each month, else once, now."""

    amount: int
    is_monthly: bool


def picture(viewer: Viewer, campaign: CampaignConfig, supposed: Supposed) -> dict[str, Any]:
    """Return what timeline.html draws; ``campaign`` may have rules that nobody has saved."""
    begin = viewer.at
    until = add_interval(begin, MONTHS, "months") or begin
    earnings = monthly_earnings(begin, supposed.amount, MONTHS if supposed.is_monthly else 1)
    steps = timeline(campaigns_of_pool(viewer.account, campaign), campaign, earnings, until)
    highest = max(step.balance for step in steps)
    left, earned = steps[-1].balance, sum(step.amount for step in steps if step.kind == "earn")
    ticks = (add_interval(begin, months, "months") for months in TICKS)
    return {
        "line": _line(steps, begin, until, highest),
        "area": _line(steps, begin, until, highest) + f"V{HEIGHT}H0Z",
        "width": WIDTH,
        "height": HEIGHT,
        "losses": [_mark(step, begin, until, highest) for step in steps if step.kind != "earn"],
        "highest": viewer.shown.money(highest) if campaign.is_money else viewer.shown.number(highest),
        "lowest": viewer.shown.money(0) if campaign.is_money else "0",
        "ticks": [viewer.shown.day(at) for at in ticks if at is not None],
        "summary": _summary(viewer, campaign, steps, earned, left),
        "rows": [_row(viewer, campaign, step) for step in steps[:ROWS_MAX]],
        "hidden": ngettext("%(count)s more step follows.", "%(count)s more steps follow.", len(steps) - ROWS_MAX)
        % {"count": len(steps) - ROWS_MAX}
        if len(steps) > ROWS_MAX
        else "",
    }


def _x(at: datetime, begin: datetime, until: datetime) -> int:
    return int((at - begin) * WIDTH / (until - begin))


def _y(balance: int, highest: int) -> int:
    return HEIGHT - balance * HEIGHT // max(highest, 1)


def _line(steps: tuple[Step, ...], begin: datetime, until: datetime, highest: int) -> str:
    """A staircase: level from one step to the next."""
    path = f"M0 {HEIGHT}"
    for step in steps:
        path += f"H{_x(step.at, begin, until)}V{_y(step.balance, highest)}"
    return path + f"H{WIDTH}"


def _mark(step: Step, begin: datetime, until: datetime, highest: int) -> tuple[int, int, int]:
    """Where a loss falls: x, and from which height to which."""
    return _x(step.at, begin, until), _y(step.balance - step.amount, highest), _y(step.balance, highest)


def _row(viewer: Viewer, campaign: CampaignConfig, step: Step) -> dict[str, Any]:
    kinds = {"earn": _("Earned"), "expire": _("Expired"), "fee": _("Fee")}
    return {
        "day": viewer.shown.day(step.at),
        "kind": step.description if step.kind == "fee" and step.description else kinds[step.kind],
        "is_loss": step.amount < 0,
        "amount": ("+" if step.amount > 0 else "−") + amount_text(viewer, campaign, abs(step.amount)),
        "balance": amount_text(viewer, campaign, step.balance),
    }


def _summary(viewer: Viewer, campaign: CampaignConfig, steps: tuple[Step, ...], earned: int, left: int) -> str:
    told = {
        "earned": amount_text(viewer, campaign, earned),
        "left": amount_text(viewer, campaign, left),
        "months": MONTHS,
    }
    first = next((step for step in steps if step.amount < 0), None)
    if first is None:
        return _("Nothing goes by itself: all %(earned)s are still there after %(months)s months.") % told
    told |= {"loss": amount_text(viewer, campaign, -first.amount), "day": viewer.shown.day(first.at)}
    return _("Of %(earned)s, %(left)s are left after %(months)s months. The first loss is %(loss)s on %(day)s.") % told
