# SPDX-License-Identifier: Apache-2.0
"""What user ids, passwords and PINs must look like. Pure."""

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
