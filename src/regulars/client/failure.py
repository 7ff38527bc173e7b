# SPDX-License-Identifier: Apache-2.0
"""The root of what a call may raise. What it may be in particular is in ``errors.py``."""

from __future__ import annotations

from typing import ClassVar, Literal

Advice = Literal["never", "same_key", "later"]


class CallError(Exception):
    """A call that was not answered with success."""

    default_code: ClassVar[str] = "error"
    retry: ClassVar[Advice] = "never"
    """never: the same would fail again. same_key: under the same idempotency key only. later: the same, later."""

    def __init__(
        self,
        text: str = "",
        *,
        codes: tuple[str, ...] = (),
        texts: tuple[str, ...] = (),
        status: int = 0,
        request_id: str = "",
        idempotency_key: str = "",
        retry_after_seconds: int | None = None,
    ) -> None:
        self.codes = codes or (self.default_code,)
        """Every code of the answer; permanent names, for programs."""
        self.texts = texts or (text,)
        """The sentence of each code, for people."""
        self.status = status
        """The HTTP status; 0 where there was no answer."""
        self.request_id = request_id
        self.idempotency_key = idempotency_key
        """The key the call was sent with, "" if none: to send it again, give the same."""
        self.retry_after_seconds = retry_after_seconds
        super().__init__("; ".join(self.texts))

    @property
    def code(self) -> str:
        """The first code."""
        return self.codes[0]
