# SPDX-License-Identifier: Apache-2.0
"""What the domain's errors say to a person: a sentence, in his language, at the field."""

from __future__ import annotations

import pytest

from regulars.errors import InvalidParameter, MissingParameter
from regulars.panel import sentences
from regulars.panel.catalogue import LOCALE, add_domain, read, texts
from regulars.panel.sentences import as_sentence, sentence


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("amount is not valid: at most 2 decimals", "At most 2 decimals."),
        ("TRANSACTION ERROR: The amount entered is not valid", "The amount entered is not valid."),
        ("Campaign not valid or deactivated.", "Campaign not valid or deactivated."),
        ("The value is not valid: look again", "The value is not valid: look again."),
    ],
)
def test_a_parameters_name_and_what_tills_look_for_are_left_out(text: str, said: str):
    assert as_sentence(text) == said


def test_a_sentence_is_translated_with_the_numbers_in_it(monkeypatch: pytest.MonkeyPatch):
    german = {"Between {0} and {1}.": "Zwischen {0} und {1}.", "Not so.": "So nicht."}
    monkeypatch.setattr(sentences, "gettext", lambda text: german.get(text, text))
    assert sentence(InvalidParameter("points", "between 1 and 9,999")) == "Zwischen 1 und 9,999."
    assert sentence(InvalidParameter("points", "not so")) == "So nicht."
    assert sentence(InvalidParameter("points", "between a and b")) == "Between a and b."


def test_some_errors_have_other_words_for_people():
    assert sentence(MissingParameter("amount")) == "Fill this in."


def test_the_domains_sentences_stand_in_the_catalogue():
    catalog = texts()
    add_domain(catalog)
    found = {message.id for message in catalog}
    assert {
        "At most {0} characters.",
        "An IP address can not be anybody's own host.",
        "The Activation Code is not valid.",
    } <= found
    assert "Action Undefined." in found, "errors.py"
    assert "%(business)s: a new password" in found, "messages/"


@pytest.mark.parametrize("language", ["de", "es", "fr"])
def test_catalogues_are_whole(language: str):
    catalog = read(LOCALE / language / "LC_MESSAGES" / "django.po")
    found = {(message.context, message.id) for message in catalog if message.id}
    template = texts()
    add_domain(template)
    assert found == {(message.context, message.id) for message in template if message.id}, "make messages"
    assert [message.id for message in catalog if message.id and not message.string] == []


@pytest.mark.parametrize(("language", "said"), [("de", "Höchstens"), ("es", "máximo"), ("fr", "plus")])
def test_an_error_with_a_number_is_said_in_each_language(language: str, said: str):
    from django.utils.translation import override

    with override(language):
        text = sentence(InvalidParameter("first_name", "at most 60 characters"))
    assert said in text
    assert "60" in text
