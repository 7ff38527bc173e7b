# SPDX-License-Identifier: Apache-2.0
"""The panel's texts: found in Python and in templates, kept in catalogues whose compiled half is never stale, spoken."""

from __future__ import annotations

import gettext
import io
import subprocess
import sys
from pathlib import Path

from regulars.panel.catalogue import LOCALE, compiled, read, texts
from tests.factories import make_account, make_user


def test_texts_are_found_in_python_and_in_templates(tmp_path: Path):
    (tmp_path / "view.py").write_text('_("In Python")\nngettext("one %(n)d", "many %(n)d", n)\n')
    (tmp_path / "page.html").write_text(
        '{% load i18n %}<b>{% translate "In a page" %}</b>\n  {% include "x.html" with title=_("In an include") %}\n'
        "{% blocktranslate count n=n %}{{ n }} cup{% plural %}{{ n }} cups{% endblocktranslate %}"
    )
    found = {message.id for message in texts(tmp_path) if message.id}
    assert found == {
        "In Python", ("one %(n)d", "many %(n)d"), "In a page", "In an include", ("%(n)s cup", "%(n)s cups"),
    }  # fmt: skip


def test_a_catalogue_is_begun_renewed_and_compiled(tmp_path: Path):
    from regulars.panel.catalogue import renew

    source = tmp_path / "source"
    source.mkdir()
    (source / "view.py").write_text('_("Good morning")\n_("Gone tomorrow")\n')
    path = tmp_path / "es" / "LC_MESSAGES" / "django.po"
    renew(path, texts(source))
    path.write_text(path.read_text().replace('msgid "Good morning"\nmsgstr ""', 'msgid "Good morning"\nmsgstr "Buenos días"'))
    (source / "view.py").write_text('_("Good morning")\n_("New")\n')
    renew(path, texts(source))
    assert "Gone tomorrow" not in path.read_text()
    spoken = gettext.GNUTranslations(io.BytesIO(path.with_suffix(".mo").read_bytes()))
    assert (spoken.gettext("Good morning"), spoken.gettext("New")) == ("Buenos días", "New")
    before = path.read_bytes()
    renew(path, texts(source))
    assert path.read_bytes() == before


def test_the_compiled_half_is_the_written_one():
    for path in LOCALE.glob("*/LC_MESSAGES/django.po"):
        assert path.with_suffix(".mo").read_bytes() == compiled(read(path)), f"{path}: make messages"


def test_the_command_runs_without_a_database():
    done = subprocess.run([sys.executable, "-m", "regulars.panel.catalogue"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_user_is_spoken_to_in_his_language_and_before_that_in_his_browsers(visit):
    visitor = visit()
    for accepted, language in (("fr-CH, fr;q=0.9", "fr"), ("pt, de;q=0.5", "de"), ("pt", "en")):
        page = visitor.http.get("/admin.php/sign-in", headers={"Accept-Language": accepted})
        assert page.headers["content-language"] == language
        assert f'<html lang="{language}">' in page.text
    alice = make_account(language="es")
    for user_language, language in (("de", "de"), ("rw", "es")):
        page = visit(make_user(alice, language=user_language)).get("/admin.php")
        assert page.html.get("lang") == language
        assert page.headers["content-language"] == language
