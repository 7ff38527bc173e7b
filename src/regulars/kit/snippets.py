# SPDX-License-Identifier: Apache-2.0
"""Requests of forms in the languages people write clients in. The tests run them as the reference shows them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

ORIGIN = "https://regulars.example"
"""Stands for the server's own address, which takes its place where a page is served."""


def at_origin(code: str, origin: str) -> str:
    """Return a snippet that asks this server (https://host:port)."""
    return code.replace(ORIGIN, origin)


def curl(fields: Mapping[str, str], *, ca_file: str = "") -> str:
    """
    Return a command line for a POSIX shell; its answer is XML unless the fields ask for JSON. ``ca_file``: who signed the
    server's certificate, where that is nobody whom machines know.
    """
    trusted = f"--cacert {_quoted(ca_file)} " if ca_file else ""
    lines = [f"curl -sS {trusted}{ORIGIN}/api.php"]
    lines += [f"  --data-urlencode {_quoted(f'{name}={value}')}" for name, value in fields.items()]
    return " \\\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return shlex.quote(text)


def php(fields: Mapping[str, str]) -> str:
    """Return a PHP program that reads the answer with SimpleXML."""
    width = max(len(_php_text(name)) for name in fields)
    pairs = "".join(f"        {_php_text(name):<{width}} => {_php_text(value)},\n" for name, value in fields.items())
    return (
        "<?php\n"
        f"$curl = curl_init('{ORIGIN}/api.php');\n"
        "curl_setopt_array($curl, [\n"
        "    CURLOPT_RETURNTRANSFER => true,\n"
        "    CURLOPT_POSTFIELDS => http_build_query([\n"
        f"{pairs}"
        "    ]),\n"
        "]);\n"
        "$answer = simplexml_load_string(curl_exec($curl));\n"
        "echo $answer['status'], \"\\n\";\n"
        "echo $answer->asXML();\n"
    )


def _php_text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def python(fields: Mapping[str, str]) -> str:
    """Return a Python program that needs nothing but the standard library, and reads the answer as JSON."""
    asked = {**fields, "output": "JSON"}
    pairs = "".join(f"    {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)},\n" for name, value in asked.items())
    return (
        "import json\n"
        "from urllib.parse import urlencode\n"
        "from urllib.request import urlopen\n\n"
        "fields = {\n"
        f"{pairs}"
        "}\n"
        f'with urlopen("{ORIGIN}/api.php", urlencode(fields).encode()) as response:\n'
        "    answer = json.load(response)\n"
        "print(json.dumps(answer, indent=2, ensure_ascii=False))\n"
    )
