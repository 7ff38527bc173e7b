# SPDX-License-Identifier: Apache-2.0
"""The mails to people who have forgotten a password or user id. The texts are in the user's language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import override

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.kit.addresses import is_address
from regulars.messages.rules import Mail, one_line, plain_body
from regulars.users.forgotten import LINK_SECONDS, issue_password_link
from regulars.users.queries import get_secrets

NEW_PASSWORD_PATH = "/admin.php/new-password/"  # noqa: S105 (a path)
SIGN_IN_PATH = "/admin.php"


def password_mail(*, account: AccountConfig, user_id: int, panel_url: str, at: datetime) -> Mail | None:
    """
    Return the mail with a fresh link for a new password; None where the user is gone. The link is in it and nowhere else.

    ``at``: the installation's clock. Queries: 2.
    """
    user = account.users_by_id.get(user_id)
    if user is None or account.state == "suspended":
        return None
    email = get_secrets(account=account, user_id=user_id).email
    if not is_address(email):
        return None
    link = panel_url + NEW_PASSWORD_PATH + issue_password_link(account=account, user_id=user_id, at=at)
    with override(user.language):
        values = {"business": _business(account), "user": user.code, "link": link, "minutes": LINK_SECONDS // 60}
        subject = _("%(business)s: a new password") % values
        body = _(
            "Somebody, we hope you, has asked for a new password for the user %(user)s of %(business)s.\n\n"
            "Open this page and choose one:\n\n%(link)s\n\n"
            "It works once, and for %(minutes)s minutes. If it was not you, there is nothing to do: your password is as it was."
        )
        if not panel_url:
            body = _(
                "Somebody, we hope you, has asked for a new password for the user %(user)s of %(business)s.\n\n"
                "Put this behind the name of the server where you sign in, and choose one:\n\n%(link)s\n\n"
                "It works once, and for %(minutes)s minutes. If it was not you, there is nothing to do: your password is as it"
                " was."
            )
        return _mail(account, email, subject, body % values)


def user_ids_text(account: AccountConfig, users: Sequence[UserConfig], panel_url: str) -> tuple[str, str]:
    """Return subject and body of the mail that tells an address its user ids, in the first user's language."""
    with override(users[0].language):
        values = {
            "business": _business(account),
            "users": "\n".join(user.code for user in users),
            "link": panel_url + SIGN_IN_PATH,
        }
        subject = _("%(business)s: your User ID") % values
        body = _(
            "Somebody, we hope you, has asked which User IDs of %(business)s belong to this address:\n\n%(users)s\n\n"
            "Sign in at %(link)s"
        )
        return subject, body % values


def _business(account: AccountConfig) -> str:
    return one_line(account.profile["biz_name"] or account.code, 80)


def _mail(account: AccountConfig, recipient: str, subject: str, body: str) -> Mail:
    reply_to = account.profile["client_email"] if is_address(account.profile["client_email"]) else ""
    return Mail(recipient, one_line(subject), plain_body(body), _business(account), reply_to)
