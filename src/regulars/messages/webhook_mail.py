# SPDX-License-Identifier: Apache-2.0
"""The mail to an account's owner about a webhook that was switched off by itself."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import override

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.kit.addresses import is_address
from regulars.kit.public_address import PublicAddress
from regulars.messages.models import OutboxMessage
from regulars.messages.rules import one_line, plain_body
from regulars.messages.sign_in_help import panel_url
from regulars.users.queries import get_secrets

WEBHOOKS_PATH = "/admin.php/account/webhooks"


def queue_switched_off(
    *,
    account: AccountConfig,
    name: str,
    url: str,
    reason: str,
    failing_since: datetime,
    public: PublicAddress,
    at: datetime,
) -> bool:
    """
    Put the mail into the outbox, in the owner's language; return whether there is an address for it: the owner's, or the
    account's. ``reason``: failing, gone. ``at``: the account's clock, by which its mails are due.

    Queries: 2 or 3.
    """
    owner = next((user for user in account.users.values() if user.is_owner), None)
    address = get_secrets(account=account, user_id=owner.id).email if owner is not None else ""
    recipient = next((one for one in (address, account.profile["client_email"]) if is_address(one)), "")
    if owner is None or not recipient:
        return False
    link = panel_url(account=account, place=None, public=public) + WEBHOOKS_PATH
    subject, body = _text(account, owner, name, url, reason, failing_since, link)
    OutboxMessage.objects.create(
        account_id=account.id, kind="webhook_off", user_id=owner.id, recipient=recipient, subject=one_line(subject),
        body=plain_body(body), created_at=at, next_attempt_at=at,
    )  # fmt: skip
    return True


def _text(
    account: AccountConfig, owner: UserConfig, name: str, url: str, reason: str, failing_since: datetime, link: str
) -> tuple[str, str]:
    with override(owner.language):
        values = {
            "business": one_line(account.profile["biz_name"] or account.code, 80),
            "name": name,
            "url": url,
            "since": failing_since.astimezone(account.zone).strftime("%Y-%m-%d %H:%M"),
            "link": link,
        }
        if reason == "gone":
            body = _(
                "The webhook %(name)s of %(business)s was switched off: its receiver answered that it wants nothing more"
                " (410 Gone).\n\n%(url)s\n\n"
                "If that is not what you want, switch it on again, and send what it missed:\n\n%(link)s"
            )
        else:
            body = _(
                "The webhook %(name)s of %(business)s was switched off: nothing that was sent to it since %(since)s has"
                " arrived.\n\n%(url)s\n\n"
                "When its receiver works again, switch it on, and send what it missed:\n\n%(link)s"
            )
        return _("%(business)s: a webhook was switched off") % values, body % values
