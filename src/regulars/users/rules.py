# SPDX-License-Identifier: Apache-2.0
"""What user ids, passwords, PINs and codes must look like, and who needs a second factor. Pure."""

from __future__ import annotations

import re

from regulars.errors import InvalidParameter, MissingParameter
from regulars.users.access import ROLES

USER_CODE = re.compile(r"[A-Za-z0-9_]+", re.ASCII)
USER_CODE_LENGTH_MAX = 20
PASSWORD_LENGTH_MIN, PASSWORD_LENGTH_MAX = 5, 20
PASSWORD = re.compile(r"[A-Za-z0-9_]+", re.ASCII)
PIN = re.compile(r"[0-9]{4,5}", re.ASCII)
OVERLAP_SECONDS_MAX = 7 * 24 * 3600


def check_user_code(code: str, *, name: str = "user_name") -> str:
    """Return a new user id unchanged. Raises MissingParameter or InvalidParameter with the published sentences."""
    if not code:
        raise MissingParameter(name, "A User ID is required to create a new user.")
    if not USER_CODE.fullmatch(code):
        raise InvalidParameter(name, text="A User ID can only have letters, numbers, or an underscore (_)")
    if len(code) > USER_CODE_LENGTH_MAX:
        raise InvalidParameter(name, f"at most {USER_CODE_LENGTH_MAX} characters")
    return code


def check_password(password: str, *, name: str = "password") -> str:
    """Return a new login password unchanged. Raises InvalidParameter with the published sentences."""
    if not PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX:
        raise InvalidParameter(name, text="Your password must be between 5 and 20 characters long.")
    if not PASSWORD.fullmatch(password):
        raise InvalidParameter(name, text="A password can only have letters, numbers, or an underscore (_)")
    return password


def check_pin(pin: str, *, name: str = "pin") -> str:
    """Return a terminal PIN unchanged. Raises InvalidParameter with the published sentence."""
    if not PIN.fullmatch(pin):
        raise InvalidParameter(name, text="A PIN must be 4 or 5 numbers only")
    return pin


def check_role(role: str, *, name: str = "role") -> str:
    """Return a role letter unchanged. Raises MissingParameter or InvalidParameter."""
    if not role:
        raise MissingParameter(name, "You must select a role for this user:")
    if role not in ROLES:
        raise InvalidParameter(name, "one of the letters " + " ".join(ROLES))
    return role


# -- the second factor -----------------------------------------------------------------------------------------------
MANAGING_ROLES = frozenset("AMNLSGI")
"""Administrators, the managers of every kind, and the clients of agencies, who may do what a manager may."""
CODE_DIGITS = 6
RECOVERY_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are taken for one another."""
RECOVERY_LENGTH = 10
RECOVERY_CODES = 10


def needs_second_factor(second_factor_for: str, *, role: str, is_owner: bool) -> bool:
    """Whether an account's rule asks a second factor of a user."""
    if second_factor_for == "managers":
        return is_owner or role in MANAGING_ROLES
    return second_factor_for == "everybody"


def plain_code(text: str) -> str:
    """Return a code as it is compared: people type blanks and dashes where it is shown with them, and capitals."""
    return "".join(letter for letter in text if letter not in " -\t\u00a0").lower()


def is_app_code(code: str) -> bool:
    """Whether a plain code is one that an app shows."""
    return len(code) == CODE_DIGITS and code.isascii() and code.isdecimal()


# -- browsers ----------------------------------------------------------------------------------------------------------
_BROWSERS = (
    ("Edge", ("Edg/", "EdgA/", "EdgiOS/")), ("Opera", ("OPR/", "Opera")), ("Samsung Internet", ("SamsungBrowser/",)),
    ("Vivaldi", ("Vivaldi/",)), ("Firefox", ("Firefox/", "FxiOS/")), ("Chrome", ("Chrome/", "CriOS/", "Chromium/")),
    ("Safari", ("Safari/",)),
)  # fmt: skip
"""In this order: the later ones stand in the names of the earlier ones, too."""
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def browser_of(user_agent: str) -> tuple[str, str]:
    """Return the families of browser and system that a User-Agent names; "" for what it does not tell."""
    browser = next((name for name, marks in _BROWSERS if any(mark in user_agent for mark in marks)), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return browser, system
