# SPDX-License-Identifier: Apache-2.0
# fmt: off
"""Written by ``python -m regulars.api.client_source`` from the calls that the server declares; do not edit."""

from __future__ import annotations

from regulars.client.session import Caller, R


class TokensCalls(Caller[R]):
    """Calls about tokens."""

    def generate_time_token(
        self, *, token_interval: int | None = None,
    ) -> R:
        """
        Token: Get (`generate_time_token`).

        token_interval: a whole number from 1 to 2592000; seconds; absent: 60; at most 30 days
        """
        return self._read("generate_time_token", {
            "token_interval": token_interval,
        })

    def validate_time_token(
        self, *, token: str,
    ) -> R:
        """
        Token: Validate (`validate_time_token`).

        token: text of at most 36 characters; 36 capital letters
        """
        return self._read("validate_time_token", {
            "token": token,
        })
