# SPDX-License-Identifier: Apache-2.0
"""The addresses of signing in and of one's own account (panel/sign_in_urls.py), for pages.py: what each Row is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # models can not be imported before pytest_configure
    from regulars.accounts.directory import UserConfig
    from tests.panel.pages import Cast


def no_number(_cast: Cast) -> dict[str, Any]:
    return {"number": 999_999_999}


def no_link(_cast: Cast) -> dict[str, Any]:
    return {"link": "1-nothing"}


def bob(cast: Cast) -> dict[str, Any]:
    return {"code": cast.bob.code}


def may_edit_himself_or_bad_form(user: UserConfig, _cast: Cast) -> int:
    from regulars.users.access import may_manage_user

    return 400 if may_manage_user(user, user) else 403


NOWHERE: dict[str, Any] = {"status": (404,), "is_page": False, "is_nobodys": True}
"""The first steps, which are not there once somebody can sign in (test_first_run.py looks at them before)."""

DOOR: dict[str, dict[str, Any]] = {
    "setup": NOWHERE,
    "setup_step": {**NOWHERE, "ids": lambda _: {"step": 1}},
    "setup_example": NOWHERE,
    "open_setup": {**NOWHERE, "ids": lambda _: {"code": "nothing"}},
    "sign_in_code": {"status": (302,), "is_page": False},
    "forgotten_password": {},
    "forgotten_user_id": {},
    "new_password": {"status": (410,), "is_page": False},
    "open_password_link": {"ids": no_link, "status": (302,), "is_page": False, "is_nobodys": True},
    "me": {},
    "own_password": {"method": "POST", "rule": may_edit_himself_or_bad_form},
    "end_other_sessions": {"method": "POST", "status": (302,)},
    "end_session": {"method": "POST", "ids": no_number, "status": (404,)},
    "forget_devices": {"method": "POST", "status": (302,)},
    "forget_device": {"method": "POST", "ids": no_number, "status": (404,)},
    "second_factor": {},
    "begin_second_factor": {"method": "POST", "status": (302,)},
    "confirm_second_factor": {"method": "POST", "status": (400,)},
    "new_recovery_codes": {"method": "POST", "status": (400,)},
    "switch_off_second_factor": {"method": "POST", "status": (400,)},
    "security": {},
    "reset_second_factor": {"method": "POST", "ids": bob, "status": (302,)},
}
