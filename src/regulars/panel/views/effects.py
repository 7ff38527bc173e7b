# SPDX-License-Identifier: Apache-2.0
"""The effect of changed terms on real sales, in words and numbers."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.accounts.directory import CampaignConfig
from regulars.kit.units import PPM
from regulars.panel.campaign_words import amount_text
from regulars.panel.viewer import Viewer
from regulars.reports.effects import DAYS, Effect


def effect_context(viewer: Viewer, campaign: CampaignConfig, effect: Effect) -> dict[str, Any]:
    """Return what effect.html shows. Bars are of 1000, the longer one full."""
    shown = viewer.shown
    longest = max(effect.before, effect.after, 1)
    difference = effect.after - effect.before
    sign = "+" if difference > 0 else "−" if difference < 0 else "±"
    told = {
        "sales": ngettext("%(count)s sale", "%(count)s sales", effect.sale_count) % {"count": shown.number(effect.sale_count)},
        "money": shown.money(effect.purchase_minor),
        "since": shown.moment(effect.since),
        "days": DAYS,
    }
    if effect.is_sample:
        reach = _("Computed again for the newest sales only: %(sales)s of %(money)s since %(since)s.") % told
    else:
        reach = _("Computed again for every sale of the last %(days)s days: %(sales)s of %(money)s.") % told
    notes = [reach]
    if effect.left_out_count:
        left_out = ngettext(
            "%(count)s sale that was taken back is left out.",
            "%(count)s sales that were taken back are left out.",
            effect.left_out_count,
        )
        notes.append(left_out % {"count": shown.number(effect.left_out_count)})
    if effect.refused_count:
        refused = ngettext(
            "%(count)s sale could not have been recorded so.",
            "%(count)s sales could not have been recorded so.",
            effect.refused_count,
        )
        notes.append(refused % {"count": shown.number(effect.refused_count)})
    return {
        "before": amount_text(viewer, campaign, effect.before),
        "after": amount_text(viewer, campaign, effect.after),
        "difference": sign + amount_text(viewer, campaign, abs(difference)),
        "share": sign + shown.percent(abs(difference) * PPM // effect.before) if effect.before > 0 else "",
        "before_width": max(effect.before, 0) * 1000 // longest,
        "after_width": max(effect.after, 0) * 1000 // longest,
        "changed": _("%(changed)s of %(all)s sales would have given another number of points.")
        % {"changed": shown.number(effect.changed_count), "all": shown.number(effect.sale_count)},
        "notes": notes,
        "examples": [
            (
                shown.money(each.purchase_minor),
                amount_text(viewer, campaign, each.before),
                amount_text(viewer, campaign, each.after),
            )
            for each in effect.examples
        ],
    }
