# SPDX-License-Identifier: Apache-2.0
"""The forms of the counter: a sale, a redemption, taking back. Rules are the domain's; its refusals come to the field."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import orjson
from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.accounts.directory import CampaignConfig, PromotionConfig
from regulars.accounts.fields import CUSTOM
from regulars.customers.rows import CustomerRow
from regulars.errors import KeyReused, RegularsError
from regulars.kit.addresses import is_address
from regulars.panel.forms.custom_fields import custom_form_field, custom_values
from regulars.panel.forms.domain import DomainForm
from regulars.panel.forms.quantities import DecimalsField, MoneyField, RatioField
from regulars.panel.viewer import Viewer
from regulars.transactions.calculator import offered_promotions
from regulars.transactions.queries import Recorded
from regulars.transactions.record import QUANTITY_MAX, find_item, find_promotion
from regulars.transactions.redeem import (
    Spending,
    currency_spending,
    find_reward,
    item_spending,
    money_spending,
    points_spending,
    reward_spending,
)
from regulars.transactions.terms import Terms, kept_fields

KEY_PREFIX = "counter:"
PROMOTIONS_OPEN_MAX = 6
FORM_FIELDS = {
    "promo_id": "promotion",
    "service_product": "item",
    "buyx_quantity": "quantity",
    "custom_points_redeem": "points",
    "custom_dollars_redeem": "money",
    "postal_code": "zip",
}
"""The domain's name of a value to the form's, where they differ."""


def new_key() -> str:
    """Return a key that no other form has."""
    return secrets.token_urlsafe(16)


class KeyedForm(DomainForm):
    """A form that is carried out once, however often it is sent. ``act`` tells forms of one page apart."""

    places = FORM_FIELDS

    act = "form"
    key = forms.RegexField(r"[A-Za-z0-9_-]{16,64}", max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, auto_id=f"id_{self.act}_%s", initial={"key": new_key()} | (initial or {}))

    @property
    def idempotency_key(self) -> str:
        """The key as the ledger keeps it; apart from those of tills."""
        return f"{KEY_PREFIX}{self.cleaned_data['key']}"

    def refuse(self, error: RegularsError) -> None:
        """Show what is wrong; where the key was used for something else, the form has a new one."""
        super().refuse(error)
        if isinstance(error, KeyReused):
            self.data = {**self.data.dict(), "key": new_key()} if isinstance(self.data, QueryDict) else self.data


class ActForm(KeyedForm):
    """What a sale and a redemption share: the campaign, a text, the account's transaction fields, a mail."""

    campaign = forms.CharField(max_length=16, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, viewer: Viewer, campaign: CampaignConfig, customer: CustomerRow) -> None:
        super().__init__(data)
        self._viewer, self._campaign, self._customer = viewer, campaign, customer
        self.initial["campaign"] = campaign.number
        self.more = ["description"]
        for name, field in self.own_fields().items():
            self.fields[name] = field
        for number, definition in sorted(viewer.account.transaction_fields.items()):
            if definition.show or definition.required:
                self.fields[f"{CUSTOM}{number}"] = custom_form_field(definition)
                if not definition.required:
                    self.more.append(f"{CUSTOM}{number}")
        self.fields["description"] = forms.CharField(label=_("Note"), max_length=255, required=False)
        if is_address(customer.email):
            label = _("Mail the receipt to %(address)s") % {"address": customer.email}
            self.fields["sends_mail"] = forms.BooleanField(label=label, required=False)

    def own_fields(self) -> dict[str, forms.Field]:
        """Return the fields of the act itself, by the kind of the campaign."""
        raise NotImplementedError

    def first_fields(self) -> list[BoundField]:
        """The fields that are always open."""
        return [field for field in self.visible_fields() if field.name not in self.more and field.name != "sends_mail"]

    def more_fields(self) -> list[BoundField]:
        """The fields that are folded away."""
        return [self[name] for name in self.more]

    def has_more_open(self) -> bool:
        """Whether what is folded away must be seen: something stands there, or is wrong."""
        return any(field.errors or field.value() for field in self.more_fields())

    def set_focus(self, *, is_other: bool) -> None:
        """Put the cursor where something is wrong, else where one begins; nowhere where ``is_other`` form has it."""
        wrong = next((name for name in self.errors if name in self.fields and name != "what"), None) if self.is_bound else None
        for name, field in self.fields.items():
            if is_other or (wrong and name != wrong):
                field.widget.attrs.pop("autofocus", None)
            elif name == wrong:
                field.widget.attrs["autofocus"] = True

    def terms(self) -> Terms:
        """
        Return the circumstances of the act. Raises: InvalidParameter, MissingParameter of the transaction fields.
        """
        clean, viewer = self.cleaned_data, self._viewer
        return Terms(
            viewer.at,
            viewer.at,
            customer_id=self._customer.id,
            description=clean.get("description", ""),
            fields=kept_fields(viewer.account, custom_values(clean)),
            sends_mail=bool(clean.get("sends_mail")),
            idempotency_key=self.idempotency_key,
            fingerprint=self._fingerprint(),
        )

    def _fingerprint(self) -> bytes:
        said = sorted((name, value) for name, value in self.cleaned_data.items() if name != "key")
        content = [self.act, self._viewer.user.id, self._customer.id, self._campaign.id, said]
        return hashlib.sha256(orjson.dumps(content)).digest()

    def without_place(self, names: list[str]) -> str | None:
        return next((name for name in ("amount", "points", "item") if name in self.fields and "amount" in names), None)


class SaleForm(ActForm):
    """One activity, of a campaign of any kind."""

    act = "record"

    def own_fields(self) -> dict[str, forms.Field]:
        campaign, account = self._campaign, self._viewer.account
        fields: dict[str, forms.Field] = {}
        if campaign.kind in ("points", "giftcard"):
            fields["amount"] = MoneyField(
                currency=account.currency,
                required=False,
                label=(_("Purchase (%(currency)s)") if campaign.kind == "points" else _("Amount (%(currency)s)"))
                % {"currency": account.currency.code},
            )
            fields["amount"].widget.attrs |= {"class": "form-control-lg amount", "autofocus": True}
        if campaign.kind == "points":
            promotions = offered_promotions(campaign, self._viewer.at)
            if promotions:
                fields["promotion"] = forms.ChoiceField(
                    label=_("Promotion"),
                    choices=[("", _("None")), *((each.id, promotion_label(self._viewer, each)) for each in promotions)],
                    required=False,
                    initial="",
                    # Seen at once and touched; a list only where they would fill the screen.
                    widget=forms.RadioSelect if len(promotions) <= PROMOTIONS_OPEN_MAX else forms.Select,
                )
        if campaign.kind == "buyx":
            items = list(campaign.items.values())
            fields["item"] = forms.ChoiceField(
                label=_("Item"),
                choices=[(each.id, each.description) for each in items],
                required=False,
                widget=forms.RadioSelect,
                initial=items[0].id if len(items) == 1 else None,
            )
            fields["quantity"] = DecimalsField(label=_("How many"), least=1, most=QUANTITY_MAX, initial="1")
            fields["quantity"].widget.attrs |= {"class": "form-control-lg amount", "autofocus": True}
        return fields

    def activity(self) -> dict[str, Any]:
        """Return what record_activity takes beside the terms. Raises: PromotionNotFound, ItemNotFound."""
        clean, campaign = self.cleaned_data, self._campaign
        if campaign.kind == "giftcard":
            return {"amount_minor": clean["amount"]}
        if campaign.kind == "points":
            named = clean.get("promotion", "")
            return {"amount_minor": clean["amount"], "promotion": find_promotion(campaign, named) if named else None}
        if campaign.kind == "buyx":
            return {
                "item": find_item(campaign, clean["item"]) if clean["item"] else None,
                "quantity": clean["quantity"],
            }
        return {}


class RedemptionForm(ActForm):
    """One redemption. ``what``: reward:ID, item:ID, points or money; money campaigns have an ``amount`` only."""

    act = "redeem"

    def own_fields(self) -> dict[str, forms.Field]:
        campaign, account = self._campaign, self._viewer.account
        if campaign.is_money:
            label = _("Amount (%(currency)s)") % {"currency": account.currency.code}
            return {"amount": MoneyField(currency=account.currency, label=label)}
        fields: dict[str, forms.Field] = {}
        choices: list[tuple[str, Any]] = []
        if campaign.kind in ("points", "events"):
            choices += [(f"reward:{each.id}", each.description) for each in campaign.rewards_by_level]
        else:
            choices += [(f"item:{each.id}", each.description) for each in campaign.items.values()]
        if campaign.kind == "points":
            choices.append(("points", _("Points")))
            fields["points"] = DecimalsField(label=_("Points"), required=False)
            if campaign.reward_ratio_ppm is not None:
                choices.append(("money", _("Money")))
                label = _("Value (%(currency)s)") % {"currency": account.currency.code}
                fields["money"] = MoneyField(currency=account.currency, required=False, label=label)
        fields["what"] = forms.ChoiceField(
            label=_("What is redeemed"), choices=choices, required=False, widget=forms.RadioSelect
        )
        return fields

    def first_fields(self) -> list[BoundField]:
        """The fields that are always open, but for the choices, which the template draws."""
        return [field for field in super().first_fields() if field.name not in ("what", "points", "money")]

    def clean(self) -> dict[str, Any]:
        clean = self.cleaned_data
        if "what" in self.fields and not self.errors.get("what"):
            typed = [name for name in ("points", "money") if clean.get(name) is not None]
            if not clean.get("what") and len(typed) == 1:
                clean["what"] = typed[0]  # whoever typed a number need not choose it, too
            what = clean.get("what")
            if not what:
                self.add_error("what", _("Choose what is redeemed."))
            elif what in ("points", "money") and clean.get(what) is None and not self.errors.get(what):
                self.add_error(what, _("Fill this in."))
        return clean

    def spending(self) -> Spending:
        """Return what is taken. Raises: what transactions/redeem.py raises."""
        clean, campaign, account = self.cleaned_data, self._campaign, self._viewer.account
        if campaign.is_money:
            return money_spending(account, clean["amount"])
        kind, _colon, number = clean["what"].partition(":")
        if kind == "reward":
            return reward_spending(find_reward(campaign, int(number)))
        if kind == "item":
            return item_spending(find_item(campaign, number, "what"))
        return points_spending(clean["points"]) if kind == "points" else currency_spending(account, campaign, clean["money"])

    def without_place(self, names: list[str]) -> str | None:
        if "what" not in self.fields:
            return "amount"
        what = self.cleaned_data.get("what", "")
        return what if what in ("points", "money") else "what"


class TakeBackForm(DomainForm):
    """How much of a transaction is taken back, and why."""

    seen_left = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=255, help_text=gettext_lazy("It stands in the customer's history.")
    )

    def __init__(self, data: Any = None, *, viewer: Viewer, recorded: Recorded) -> None:
        super().__init__(data, initial={"seen_left": recorded.left})
        is_money = bool(recorded.purchase_minor) or recorded.campaign.is_money
        currency = viewer.account.currency
        help_text = _("Leave it empty to take back all that is left.")
        self.fields["amount"] = (
            MoneyField(
                currency=currency,
                required=False,
                label=_("Only a part (%(currency)s)") % {"currency": currency.code},
                help_text=help_text,
            )
            if is_money
            else DecimalsField(required=False, label=_("Only a part"), help_text=help_text)
        )
        self.order_fields(["reason", "amount"])


def promotion_label(viewer: Viewer, promotion: PromotionConfig) -> str:
    """Return a promotion with what it does: "Bring a friend (+100)", "Happy hour (×1.25)"."""
    if promotion.operation == "+":
        does = viewer.shown.change("points", promotion.points)
    else:
        does = f"×{RatioField().written(promotion.multiplier_ppm)}"
    return f"{promotion.description} ({does})"
