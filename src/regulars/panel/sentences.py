# SPDX-License-Identifier: Apache-2.0
"""
What the domain's errors say to a person, in his language.

The API's sentences name parameters and carry the prefixes that tills look for; people see neither. catalogue.py collects
the same sentences from the domain's source, so that they are translated as the panel's own texts are.
"""

from __future__ import annotations

import re

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from regulars.errors import RegularsError

TILL_PREFIX = "TRANSACTION ERROR: "
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
SENTENCES: dict[str, str | Promise] = {
    "missing_parameter": gettext_lazy("Fill this in."),
    "insufficient_balance": gettext_lazy("The customer does not have that much."),
    "promotion_not_active": gettext_lazy("This promotion is not on now."),
    "key_reused": gettext_lazy("This form was sent before with something else in it. Check it, and send it again."),
    "lock_timeout": gettext_lazy("Somebody else is busy with this customer. Try once more."),
    "already_reversed": gettext_lazy("This transaction has been taken back already."),
    "card_in_use": gettext_lazy("Another customer has this card."),
    "customer_exists": gettext_lazy("Another customer has this number."),
    "username_taken": gettext_lazy("Another customer has this user name."),
    "not_unique": gettext_lazy("Another customer has the same here."),
    "taken_back_meanwhile": gettext_lazy(
        "A part of this transaction has been taken back meanwhile. Look at what is left and decide again."
    ),
    "trial_limit_reached": gettext_lazy("An account on trial has at most ten customers."),
    "campaign_name_taken": gettext_lazy("Another campaign has this name. Deleted campaigns keep theirs, too."),
    "identifier_taken": gettext_lazy("Another item of this campaign has this identifier."),
    "depreciation_exists": gettext_lazy("There is an expiry after this time already. Twelve months are one year."),
}
"""What errors say here, by their code, where people need other words than programs."""


def sentence(error: RegularsError) -> str:
    """Return what an error says to whoever looks at the page."""
    if error.code in SENTENCES:
        return str(SENTENCES[error.code])
    return _spoken(as_sentence(error.message))


def as_sentence(text: str) -> str:
    """Return a text of the domain as a sentence: without the parameter's name and the prefix that tills look for."""
    text = text.removeprefix(TILL_PREFIX)
    before, colon, reason = text.partition(" is not valid: ")
    if colon and " " not in before:
        text = reason
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _spoken(text: str) -> str:
    """Return the translation of a sentence; of one with numbers in it, that of "At most {0} characters."."""
    known = gettext(text)
    values = NUMBER.findall(text)
    if known != text or not values:
        return known
    places = iter(range(len(values)))
    pattern = NUMBER.sub(lambda _: f"{{{next(places)}}}", text)
    known = gettext(pattern)
    return text if known == pattern else known.format(*values)
