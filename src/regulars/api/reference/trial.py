# SPDX-License-Identifier: Apache-2.0
"""
"Try it": a form on a call's page that sends the call to this very server, signed by the owner of the demo account.

Its token is known to everybody, and a server that others can reach does not serve it unless told to (cli/serve.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape

from regulars.accounts.directory import AccountConfig, CampaignConfig
from regulars.api.reference.catalogue import Entry
from regulars.api.reference.examples import kinds_of_campaigns
from regulars.api.reference.markup import code
from regulars.customers.models import Customer
from regulars.kit.db import unit_of_work
from regulars.users.queries import get_secrets


@dataclass(frozen=True, slots=True)
class Demo:
    """What a form is filled in with."""

    account: AccountConfig
    token: str
    customers: tuple[tuple[str, str], ...]
    """Code and card of two customers."""


def find_demo(account: AccountConfig) -> Demo:
    """
    Return what the demo account can be tried with. Runs in a thread.

    Queries: 2.
    Raises:  UserNotFound.
    """
    owner = next(user for user in account.users.values() if user.is_owner)
    with unit_of_work(account.id):
        token = get_secrets(account=account, user_id=owner.id).token
        rows = Customer.objects.filter(account_id=account.id, deleted_at__isnull=True).order_by("id")[:2]
        return Demo(account, token, tuple((row.code, row.card_number or "") for row in rows))


def trial_form(entry: Entry, demo: Demo) -> str:
    """Return the section with the form: what the first example sends is filled in, the rest folded away."""
    example = next(one for one in entry.examples if not one.is_error)
    # Custom fields are the contract's own: the demo account has others.
    sent = _Values(demo).of({name: value for name, value in example.fields.items() if "custom_field_" not in name})
    # A form sends its empty fields too, and where blank means something that would be said.
    own = [one for one in entry.parameters if not (one.kind.prefix or one.keeps_blank or one.name in sent)]
    shown = "".join(_field(name, value) for name, value in sent.items() if name not in entry.select)
    hidden = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in entry.select.items())
    more = "".join(_field(one.name, "") for one in own)
    folded = f'<details><summary>More parameters</summary><div class="fields">{more}</div></details>' if more else ""
    dry = (
        '<label>dry_run<select name="dry_run"><option>Y</option><option>N</option></select></label>'
        if entry.call.writes
        else ""
    )
    output = '<label>output<select name="output"><option>JSON</option><option>XML</option></select></label>'
    about = "It writes nothing as long as <code>dry_run</code> is Y." if entry.call.writes else ""
    return (
        '<h2 id="try">Try it</h2><form class="try" method="post" action="/api.php" target="answer">'
        f"<p>Sends the call to this server, as the owner of the demo account {code(demo.account.code)}. {about}</p>"
        f'{hidden}<div class="fields">{shown}{dry}{output}</div>{folded}<button>Send</button>'
        '<iframe name="answer" title="The answer"></iframe></form>'
    )


def _field(name: str, value: str) -> str:
    if "\n" in value:
        return f'<label>{escape(name)}<textarea name="{escape(name)}" rows="4">\n{escape(value)}</textarea></label>'
    return f'<label>{escape(name)}<input name="{escape(name)}" value="{escape(value)}" autocomplete="off"></label>'


class _Values:
    """An example's fields, with things of the demo account in place of those of the contract's."""

    def __init__(self, demo: Demo) -> None:
        self._demo = demo
        self._campaigns = {campaign.kind: campaign for campaign in demo.account.campaigns.values()}

    def of(self, fields: dict[str, str]) -> dict[str, str]:
        """Return the fields as they are sent to the demo account."""
        kind = kinds_of_campaigns().get(fields.get("campaign_id", ""), "points")
        campaign = self._campaigns.get(kind)
        return {name: self._one(name, value, campaign) for name, value in fields.items()}

    def _one(self, name: str, value: str, campaign: CampaignConfig | None) -> str:
        known: dict[str, Callable[[], str]] = {
            "user_id": lambda: self._demo.account.code,
            "account_id": lambda: self._demo.account.code,
            "user_api_key": lambda: self._demo.token,
            "campaign_id": lambda: self._numbers(value),
            "selected_campaigns": lambda: self._numbers(value),
            "code": lambda: self._customer(0, 0),
            "previous_code": lambda: self._customer(0, 0),
            "card_number": lambda: self._customer(0, 1),
            "duplicate_card_number": lambda: self._customer(1, 1),
            "reward_to_redeem": lambda: _first(campaign.rewards if campaign else {}, value),
            "reward_id": lambda: _first(campaign.rewards if campaign else {}, value),
            "promo_id": lambda: _first(campaign.promotions if campaign else {}, value),
            "item_id": lambda: _first(self._campaigns["buyx"].items if "buyx" in self._campaigns else {}, value),
        }
        return known[name]() if name in known else value

    def _numbers(self, value: str) -> str:
        kinds = [kinds_of_campaigns().get(number, "points") for number in value.split(",")]
        return ",".join(self._campaigns[kind].number for kind in kinds if kind in self._campaigns)

    def _customer(self, number: int, part: int) -> str:
        customers = self._demo.customers
        return customers[number][part] if number < len(customers) else ""


def _first(things: Mapping[int, object], otherwise: str) -> str:
    return str(next(iter(things))) if things else otherwise
