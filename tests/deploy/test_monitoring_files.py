# SPDX-License-Identifier: Apache-2.0
"""The board and the rules in deploy/ speak of numbers that exist, and of all that an operator is promised."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from regulars.cli.metrics import FIGURES, OWN
from regulars.kit.metrics import DECLARED

ROOT = Path(__file__).resolve().parents[2]
BOARD = ROOT / "deploy" / "grafana" / "regulars.json"
RULES = ROOT / "deploy" / "prometheus-rules.yml"
NAME = re.compile(r"\bregulars_[a-z_]+")
WHERE_DECLARED = (
    "regulars.api.figures", "regulars.ledger.writer", "regulars.panel.middleware", "regulars.jobs.tasks",
    "regulars.cli.children",
)  # fmt: skip


def told_names() -> set[str]:
    """Every name that a scrape can have."""
    for module in WHERE_DECLARED:
        importlib.import_module(module)
    names = {*FIGURES, *OWN}
    for metric in DECLARED.values():
        if metric.name.startswith("regulars_"):
            suffixes = ("_bucket", "_sum", "_count") if metric.kind == "histogram" else ("",)
            names |= {metric.name + suffix for suffix in suffixes}
    return names


def expressions() -> list[tuple[str, str]]:
    board: dict[str, Any] = json.loads(BOARD.read_text())
    found = [(panel["title"], target["expr"]) for panel in board["panels"] for target in panel.get("targets", ())]
    rules = yaml.safe_load(RULES.read_text())["groups"][0]["rules"]
    return found + [(rule["alert"], rule["expr"]) for rule in rules]


def unknown(expression: str, names: set[str]) -> Iterator[str]:
    yield from (name for name in NAME.findall(expression) if name not in names)


def test_every_number_that_is_asked_for_exists() -> None:
    names = told_names()
    asked = expressions()
    assert len(asked) > 40
    assert [(title, name) for title, expression in asked for name in unknown(expression, names)] == []
    assert list(unknown("rate(regulars_calls[5m])", names)) == ["regulars_calls"], "the test sees a name that is none"


def test_every_number_is_on_the_board() -> None:
    shown = {name for _, expression in expressions() for name in NAME.findall(expression)}
    base = {re.sub(r"_(bucket|sum|count)$", "", name) for name in shown}
    declared = {re.sub(r"_(bucket|sum|count)$", "", name) for name in told_names()} - {
        "regulars_build_info",
        "regulars_accounts",
    }
    unseen = declared - base - {"regulars_last_run_seconds"}
    assert unseen == set()


def test_names_are_as_prometheus_wants_them() -> None:
    told_names()
    for name in (*FIGURES, *OWN, *DECLARED):
        metric = DECLARED.get(name)
        kind = metric.kind if metric is not None else FIGURES[name].kind if name in FIGURES else "gauge"
        assert name.endswith("_total") == (kind == "counter"), name
        assert not re.search(r"_(ms|us|milliseconds|kb)\b", name), name


def test_labels_of_the_expressions_exist() -> None:
    told_names()
    labels = {label for metric in DECLARED.values() for label in metric.labels} | {each.label for each in FIGURES.values()}
    labels |= {"le", "job", "process", "version"}
    for title, expression in expressions():
        grouped = {name.strip() for group in re.findall(r"by \(([^)]*)\)", expression) for name in group.split(",")}
        assert grouped <= labels, (title, grouped - labels)


def test_prometheus_can_read_every_expression() -> None:
    for title, expression in expressions():
        plain = expression.replace("$__rate_interval", "5m")
        try:
            promql_parser.parse(plain)
        except ValueError as error:
            pytest.fail(f"{title}: {error}")
    with pytest.raises(ValueError):  # noqa: PT011 - the parser has no error of its own
        promql_parser.parse("sum by (le (x")


def test_panels_do_not_lie_on_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(BOARD.read_text())["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells
