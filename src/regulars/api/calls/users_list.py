# SPDX-License-Identifier: Apache-2.0
"""users_list: the account's users, searched, sorted and paged (api.md 5)."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.localisation import language_code, time_zone_number
from regulars.api.call import Call, Context
from regulars.api.calls.account_element import allowed_campaigns, permission_members, yes_no
from regulars.api.calls.search_params import SearchParams, pagination, read_search
from regulars.errors import UserNotFound
from regulars.kit.listing import Columns, Value, page
from regulars.protocol.kinds import flag
from regulars.protocol.params import param
from regulars.protocol.tree import Element, items, leaf, record, success
from regulars.users.access import may_manage_user
from regulars.users.queries import HIDDEN, UserSecrets, list_secrets, list_users

ONLY_OWNERS = "Only account owners can access this information"


@dataclass(frozen=True, slots=True)
class Params(SearchParams):
    show_permissions: bool = param(flag(), default=False, note="Yes: adds the permissions each user has")


def _time_zone(user: UserConfig) -> Value:
    shown = time_zone_number(user.timezone)
    return int(shown) if shown.isdecimal() else shown


COLUMNS: Columns[UserConfig] = {
    "user_first_name": lambda user: user.first_name,
    "user_last_name": lambda user: user.last_name,
    "user_full_name": lambda user: f"{user.first_name} {user.last_name}".strip(),
    "user_role": lambda user: user.role,
    "user_name": lambda user: user.code,
    "language": lambda user: language_code(user.language),
    "timezone": _time_zone,
    "user_custom1": lambda user: user.custom1,
}
"""What users can be searched by, and sorted by all of them but user_full_name."""


def handle(ctx: Context, params: Params) -> Element:
    """
    List the users, the owner first, then by User ID unless sorted.

    A key and a PIN are shown only to who may manage their user (they are empty otherwise): they would lend his rights.

    Queries: 1.
    Raises:  UserNotFound where nobody matches.
    """
    search = read_search(params, COLUMNS, not_sortable=("user_full_name",))
    found = page(list_users(account=ctx.account, by=ctx.user), COLUMNS, search)
    if not found.total:
        raise UserNotFound
    shown = [user.id for user in found.rows if user.id == ctx.user.id or may_manage_user(ctx.user, user)]
    secrets = list_secrets(account=ctx.account, user_ids=shown)
    return success(
        items(
            "users",
            (
                user_element(ctx.account, user, secrets.get(user.id, HIDDEN), show_permissions=params.show_permissions)
                for user in found.rows
            ),
        ),
        pagination(found),
    )


def user_element(account: AccountConfig, user: UserConfig, secrets: UserSecrets, *, show_permissions: bool) -> Element:
    """Return one user of the list."""
    return record(
        "user",
        leaf("user_id", user.code),
        leaf("user_first_name", user.first_name),
        leaf("user_last_name", user.last_name),
        leaf("user_api_key", secrets.token),
        leaf("user_PIN", secrets.pin),
        leaf("user_addtl_info", user.custom1),
        leaf("user_language", language_code(user.language)),
        leaf("user_language_custom", yes_no(user.language_custom)),
        leaf("user_timezone", time_zone_number(user.timezone)),
        leaf("user_role", user.role),
        allowed_campaigns("user_allowed_campaigns", account, user),
        permission_members(user) if show_permissions else None,
    )


CALL = Call(
    type="users_list",
    handle=handle,
    params=Params,
    permission="list_users",
    denied_text=ONLY_OWNERS,
    summary="Users List",
    errors=("user_not_found",),
    source="api.md 5",
)
