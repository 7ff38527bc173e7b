# SPDX-License-Identifier: Apache-2.0
"""A new installation as its operator meets it: the server prints an address, and what the last page shows works when pasted."""

from __future__ import annotations

import re
import ssl
import subprocess
from pathlib import Path

import httpx2
import lxml.html

from tests.cli.rig import Server

STEPS = (
    {"kind": "business", "biz_name": "Bean & Leaf", "code": "beanleaf", "country": ""},
    {"first_name": "Alice", "last_name": "", "email": "", "password": "latte_12", "again": "latte_12"},
    {"language": "en", "currency": "USD", "timezone": "UTC"},
    {"kind": "points", "name": "Coffee club", "points_ratio": "5"},
)


def printed_address(server: Server) -> str:
    found = re.search(r"https://\S+/admin\.php/setup/\S+", (server.folder / "serve.out").read_text())
    return found[0] if found else ""


def test_from_an_empty_folder_to_the_first_answer(tmp_path: Path):
    server = Server(tmp_path / "data", tmp_path).start()
    try:
        trust = ssl.create_default_context(cafile=server.ready["ca_file"])
        with httpx2.Client(verify=trust, follow_redirects=True, timeout=30) as visitor:
            page = visitor.get(printed_address(server))
            for step in STEPS:
                html = lxml.html.document_fromstring(page.text)
                token = html.xpath("//input[@name='csrfmiddlewaretoken']/@value")[0]
                fields = {**step, "csrfmiddlewaretoken": token}
                page = visitor.post(str(page.url), data=fields, headers={"Referer": str(page.url)})
                assert page.status_code == 200, page.text
            line = lxml.html.document_fromstring(page.text).get_element_by_id("code").text
        answer = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True).stdout
        assert ('status="success"' in answer, "Coffee club" in answer) == (True, True)
        server.stop()
        server.start()
        assert printed_address(server) == "", "there is a user now"
    finally:
        server.close()
