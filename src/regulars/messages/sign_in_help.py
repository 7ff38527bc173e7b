# SPDX-License-Identifier: Apache-2.0
"""Answers those who have forgotten a password or user id: each gets a mail from the account he works for, if there is one."""

from __future__ import annotations

from datetime import datetime, timedelta

from regulars.accounts.directory import AccountConfig
from regulars.accounts.hosts import HostConfig, admits
from regulars.accounts.queries import find_host, get_account_config, list_own_hosts
from regulars.errors import AccountNotFound
from regulars.kit.addresses import is_address
from regulars.kit.db import unit_of_work
from regulars.kit.public_address import PublicAddress
from regulars.messages.models import OutboxMessage
from regulars.messages.password_mail import user_ids_text
from regulars.messages.rules import one_line, plain_body
from regulars.users.forgotten import Asked, find_users_asked_for, take_requests
from regulars.users.queries import get_secrets


def answer_requests(*, at: datetime, public: PublicAddress) -> int:
    """
    Put the mails that were asked for into the outboxes of their accounts; return how many.

    At somebody's own host only his users are answered, as only they may sign in there (ADR-0014). Opens a unit of work for each
    account. ``at``: the installation's clock.
    """
    return sum(_answer(asked, at, public) for asked in take_requests())


def panel_url(*, account: AccountConfig, place: HostConfig | None, public: PublicAddress) -> str:
    """
    Return how a link to the panel begins, "" where nobody has said it: the own host that was asked, else the installation's
    address, else an own host of the account. Never what a request merely claims. Queries: 0 or 1.
    """
    if place is not None:
        return public.of_host(place.host)
    if public.url:
        return public.url
    hosts = list_own_hosts(account=account)
    return public.of_host(hosts[0]) if hosts else ""


def _answer(asked: Asked, at: datetime, public: PublicAddress) -> int:
    place = find_host(asked.host) if asked.host else None
    count = 0
    for account_id, user_ids in find_users_asked_for(asked).items():
        with unit_of_work(account_id):
            try:
                account = get_account_config(account_id)
            except AccountNotFound:
                continue
            users = [account.users_by_id[user_id] for user_id in user_ids if user_id in account.users_by_id]
            if not users or account.state == "suspended" or not admits(place, account):
                continue
            start = panel_url(account=account, place=place, public=public)
            now = at + timedelta(seconds=account.test_clock_offset_seconds)  # by which the account's outbox is due
            recipient = get_secrets(account=account, user_id=users[0].id).email
            if not is_address(recipient):
                continue
            subject, body = ("", start) if asked.kind == "password" else user_ids_text(account, users, start)
            OutboxMessage.objects.create(
                account_id=account_id, kind="password_link" if asked.kind == "password" else "user_ids", user_id=users[0].id,
                recipient=recipient, subject=one_line(subject), body=body if asked.kind == "password" else plain_body(body),
                created_at=now, next_attempt_at=now,
            )  # fmt: skip
            count += 1
    return count
