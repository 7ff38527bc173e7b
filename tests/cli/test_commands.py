# SPDX-License-Identifier: Apache-2.0
"""The command line itself: help, exit codes, accounts, users, verify."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from regulars import errors
from regulars.cli.main import build_parser, exit_code_of
from regulars.kit.embedded import EmbeddedPostgres
from tests.cli.rig import copy_data, regulars

COMMANDS = (
    ["serve"], ["demo"], ["migrate"], ["verify"], ["account"], ["account", "create"], ["agency"], ["agency", "create"],
    ["user"], ["user", "create"], ["user", "token"], ["user", "unlock"],
    ["user", "reset-second-factor"], ["backup"], ["restore"], ["doctor"],
    ["code"], ["code", "create"], ["coalition"], ["two-tier"], ["settlement"],
    ["webhooks"], ["webhooks", "list"], ["webhooks", "replay"],
)  # fmt: skip


@pytest.fixture(scope="module")
def data(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One installation for the tests of this file; each adds things of its own names."""
    return copy_data(demo_data, tmp_path_factory.mktemp("commands") / "data")


@pytest.fixture
def connection(data: Path) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with EmbeddedPostgres(data) as server, psycopg.connect(server.url(), autocommit=True) as opened:
        yield opened


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_each_command_explains_itself(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args([*command, "--help"])
    assert ended.value.code == 0
    assert f"usage: regulars {' '.join(command)}" in capsys.readouterr().out


def test_a_wrong_command_line_is_a_wrong_request() -> None:
    for arguments in ([], ["sell"], ["serve", "--port", "x"], ["user", "create", "a"]):
        with pytest.raises(SystemExit) as ended:
            build_parser().parse_args(arguments)
        assert ended.value.code == 2


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.MissingParameter("name"), 2),
        (errors.BadCredentials(), 3),
        (errors.CustomerNotFound(), 4),
        (errors.KeyReused(), 5),
        (errors.InsufficientBalance(), 6),
        (errors.LockTimeout(), 75),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_an_error_has_the_exit_code_of_its_branch(error: errors.RegularsError, code: int) -> None:
    assert exit_code_of(error) == code


def test_nothing_is_begun_where_there_is_nothing(tmp_path: Path) -> None:
    for command in (["verify"], ["backup", str(tmp_path / "b.tar")], ["user", "token", "a", "b"]):
        done = regulars(*command, "--data", tmp_path / "nowhere")
        assert done.returncode == 4
        assert "no_installation" in done.stderr
    assert not (tmp_path / "nowhere").exists()


def test_a_bad_database_url_is_named(tmp_path: Path) -> None:
    done = regulars("verify", "--data", tmp_path, DATABASE_URL="mysql://localhost/shop")
    assert done.returncode == 2
    assert "DATABASE_URL" in done.stderr


def test_a_server_that_is_away_is_a_matter_of_trying_again(tmp_path: Path) -> None:
    done = regulars("verify", "--data", tmp_path, DATABASE_URL=f"postgresql://nobody@/none?host={tmp_path}")
    assert done.returncode == 75
    assert "can not be reached" in done.stderr


def test_an_account_is_opened_and_its_owner_may_come_in(data: Path) -> None:
    made = regulars(
        "account", "create", "cornershop", "--name", "Corner Shop", "--password", "--data", data, stdin="latte_12\n"
    )
    assert made.returncode == 0, made.stderr
    credentials = json.loads(made.stdout)
    assert credentials["account_id"] == credentials["user_id"] == "cornershop"
    assert len(credentials["user_api_key"]) == 40
    again = regulars("account", "create", "CornerShop", "--name", "Another", "--data", data)
    assert again.returncode == 5
    shown = regulars("user", "token", "cornershop", "cornershop", "--data", data)
    assert json.loads(shown.stdout) == credentials


def test_an_agency_is_made_and_an_account_under_it(
    data: Path,
) -> None:
    made = regulars(
        "agency", "create", "loyal_sons", "--name", "Loyal & Sons", "--email", "hello@loyal.example", "--data", data
    )
    assert made.returncode == 0, made.stderr
    agency = json.loads(made.stdout)
    assert (agency["account_id"], agency["user_id"], len(agency["user_api_key"])) == ("loyal_sons", "loyal_sons", 40)
    under = ("account", "create", "ofloyal", "--name", "Of Loyal", "--data", data, "--agency")
    assert regulars(*under, "999999").returncode == 4
    assert regulars(*under, str(agency["agency"])).returncode == 0
    assert regulars(*under, str(agency["agency"]), "--platform").returncode == 2
    assert regulars("account", "create", "headquarters", "--name", "HQ", "--platform", "--data", data).returncode == 0
    again = regulars("agency", "create", "loyal_sons", "--name", "Other", "--email", "o@o.example", "--data", data)
    assert again.returncode == 5
    with EmbeddedPostgres(data) as server, psycopg.connect(server.url()) as connection:
        rows = connection.execute(
            "SELECT code, kind, agency_id FROM accounts_accounts"
            " WHERE code IN ('loyal_sons', 'ofloyal', 'headquarters') ORDER BY id"
        ).fetchall()
        names = connection.execute("SELECT name FROM accounts_agencies WHERE name IN ('Loyal & Sons', 'Other')").fetchall()
    number = agency["agency"]
    assert rows == [("loyal_sons", "agency", number), ("ofloyal", "business", number), ("headquarters", "platform", None)]
    assert names == [("Loyal & Sons",)], "of a refused one nothing is left"


def test_a_wrong_account_is_not_opened(data: Path) -> None:
    for wrong in (["ab", "--name", "x"], ["good_code", "--name", "x", "--currency", "ZZZ"]):
        done = regulars("account", "create", *wrong, "--data", data)
        assert done.returncode == 2, done.stdout
        assert "not valid" in done.stderr


def test_a_user_is_added_and_his_token_renewed(data: Path) -> None:
    made = regulars("user", "create", "beanandleaf", "till_9", "--role", "k", "--data", data)
    assert made.returncode == 0, made.stderr
    token = json.loads(made.stdout)["user_api_key"]
    renewed = regulars("user", "token", "beanandleaf", "till_9", "--rotate", "--overlap", "60", "--data", data)
    assert json.loads(renewed.stdout)["user_api_key"] != token
    for wrong, code in (
        (["user", "create", "beanandleaf", "till_9", "--role", "K"], 5),
        (["user", "create", "beanandleaf", "till_10", "--role", "Z"], 2),
        (["user", "create", "beanandleaf", "till_10", "--role", "K", "--campaigns", "123"], 4),
        (["user", "create", "nosuchshop", "till_10", "--role", "K"], 4),
        (["user", "token", "beanandleaf", "nobody"], 4),
        (["user", "token", "carolsbooks", "bl_clerk"], 4),
        (["user", "token", "beanandleaf", "till_9", "--overlap", "60"], 2),
    ):
        assert regulars(*wrong, "--data", data).returncode == code, wrong


def test_a_locked_out_user_is_let_in_again(data: Path) -> None:
    with EmbeddedPostgres(data) as server, psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO users_sign_in_attempts (subject, count, last_at, locked_until) VALUES"
            " ('user:beanandleaf', 6, now(), now() + interval '15 minutes'), ('address:192.0.2.7', 101, now(), now())"
        )
    for expected in (True, False):
        done = regulars("user", "unlock", "beanandleaf", "BeanAndLeaf", "--address", "192.0.2.7", "--data", data)
        assert json.loads(done.stdout)["was_locked"] is expected, done.stderr
    with EmbeddedPostgres(data) as server, psycopg.connect(server.url()) as connection:
        assert connection.execute("SELECT count(*) FROM users_sign_in_attempts").fetchone() == (0,)
    assert regulars("user", "unlock", "beanandleaf", "nobody", "--data", data).returncode == 4
    done = regulars("user", "reset-second-factor", "beanandleaf", "BeanAndLeaf", "--data", data)
    assert (done.returncode, "There is no second factor. [no_second_factor]" in done.stderr) == (5, True)


def test_the_demo_is_made_once_and_is_the_same_again(data: Path, demo_data: Path) -> None:
    first = regulars("demo", "--data", data)
    second = regulars("demo", "--data", data)
    assert json.loads(first.stdout) == json.loads(second.stdout)
    assert "Making" not in second.stderr


def test_the_demo_is_the_same_on_every_machine(demo_data: Path, tmp_path: Path) -> None:
    known = json.loads(regulars("demo", "--data", copy_data(demo_data, tmp_path / "copy")).stdout)
    other = json.loads(regulars("demo", "--data", tmp_path / "fresh").stdout)
    assert other == known


def test_the_demo_shows_every_kind_and_a_voided_sale(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    shown = connection.execute(
        "SELECT a.code, count(DISTINCT c.kind) FILTER (WHERE e.kind = 'earn'), count(*) FILTER (WHERE e.kind = 'redeem'),"
        " count(*) FILTER (WHERE e.kind = 'reverse') FROM ledger_entries e JOIN accounts_accounts a ON a.id = e.account_id"
        " JOIN campaigns_campaigns c ON c.account_id = e.account_id AND c.id = e.campaign_id"
        " WHERE a.is_demo GROUP BY a.code ORDER BY a.code"
    ).fetchall()
    assert [(code, kinds, reversed_count) for code, kinds, _, reversed_count in shown] == [
        ("beanandleaf", 5, 1),
        ("carolsbooks", 5, 1),
        ("harbourmall", 5, 2),  # of the sale, and of what it had contributed
        ("oldtown", 5, 1),
    ]
    assert all(int(str(redeemed)) >= 6 for _, _, redeemed, _ in shown)


def _demo_has_a_coalition_and_a_second_tier(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    shared = connection.execute(
        "SELECT count(*), count(DISTINCT b.pool_id) FROM ledger_balances b JOIN accounts_accounts a ON a.id = b.account_id"
        " WHERE a.code = 'oldtown' AND b.pool_id IN (a.coalition_pool_points_id, a.coalition_pool_money_id) AND b.balance > 0"
    ).fetchone()
    assert shared is not None
    assert (int(str(shared[0])) >= 20, shared[1]) == (True, 2)
    given = connection.execute(
        "SELECT count(*), count(DISTINCT e.campaign_id) FROM ledger_entries e JOIN accounts_accounts a ON a.id = e.account_id"
        " WHERE a.code = 'harbourmall' AND e.kind = 'contribute' AND e.campaign_id = a.master_campaign_id"
    ).fetchone()
    assert given is not None
    assert (int(str(given[0])) >= 40, given[1]) == (True, 1)


def test_the_demo_has_modules_and_the_platform_owner_gives_out_codes_and_switches_them(
    data: Path, connection: psycopg.Connection[tuple[object, ...]]
) -> None:
    _demo_has_a_coalition_and_a_second_tier(connection)

    def run(*arguments: str) -> dict[str, object]:
        done = regulars(*arguments, "--data", data)
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))

    made = run("code", "create", "--module", "coalition", "--account", "beanandleaf", "--days", "30")
    assert (len(str(made["activation_code"])), made["module"], made["account_id"]) == (31, "coalition", "beanandleaf")
    assert regulars("coalition", "beanandleaf", "on", "--data", data).returncode == 6, "it has not entered it"
    total = "SELECT sum(balance), sum(cumulative) FROM ledger_balances b JOIN accounts_accounts a ON a.id = b.account_id"
    total += " WHERE a.code = 'oldtown'"
    before = connection.execute(total).fetchone()
    preview = run("coalition", "oldtown", "off", "--dry-run")
    assert connection.execute("SELECT count(*) FROM coalition_switches WHERE direction = 'off'").fetchone() == (0,)
    assert run("coalition", "oldtown", "off") == preview
    assert (preview["coalition"], preview["changed"], preview["customers"]) == (False, True, 20)
    assert connection.execute(total).fetchone() == before
    assert run("coalition", "oldtown", "undo")["coalition"] is True
    assert regulars("coalition", "oldtown", "undo", "--data", data).returncode == 6
    assert run("two-tier", "harbourmall", "--percentage", "2.5", "--rounding", "up")["contribution_ppm"] == 25_000
    for wrong in (["--percentage", "many"], ["--off", "--percentage", "3"], ["--percentage", "200"]):
        assert regulars("two-tier", "harbourmall", *wrong, "--data", data).returncode == 2
    assert run("two-tier", "harbourmall", "--off")["master_campaign"] is None
    assert regulars("two-tier", "harbourmall", "--master", "1" * 16, "--data", data).returncode == 4


def test_a_settlement_is_shown_closed_and_shown_again(data: Path, tmp_path: Path) -> None:
    def settle(*arguments: str) -> subprocess.CompletedProcess[str]:
        return regulars("settlement", "oldtown", *arguments, "--data", data)

    for wrong in (
        [], ["--point-cost", "much"], ["--point-cost", "1", "--to", "2026-02-30"], ["--close"], ["--close", "--id", "1"],
        ["--id", "1", "--to", "2026-01-01"], ["--close", "--to", "2999-01-01", "--point-cost", "1"],
    ):  # fmt: skip
        assert settle(*wrong).returncode == 2, wrong
    shown = settle("--point-cost", "0.01")
    assert shown.returncode == 0, shown.stderr
    total = next(line for line in shown.stdout.splitlines() if line.startswith("Total,"))
    assert int(total.split(",")[-1]) == 0, "a currency without decimals"
    yesterday = (datetime.now(UTC).date() - timedelta(days=2)).isoformat()
    closed = settle("--close", "--to", yesterday, "--point-cost", "0.01")
    assert (closed.returncode, "closed up to" in closed.stderr) == (0, True), closed.stderr
    assert settle("--close", "--to", yesterday).returncode == 2
    number = closed.stderr.split("Settlement ")[1].split(",")[0]
    assert settle("--id", number).stdout == closed.stdout
    assert settle("--id", number, "--format", "pdf", "--output", str(tmp_path / "statement.pdf")).returncode == 0
    assert (tmp_path / "statement.pdf").read_bytes().startswith(b"%PDF-")
    assert settle("--id", "99").returncode == 4
    assert regulars("settlement", "beanandleaf", "--point-cost", "1", "--data", data).returncode == 6


def test_verify_names_what_is_broken(data: Path) -> None:
    assert regulars("verify", "--data", data).returncode == 0
    with EmbeddedPostgres(data) as server, psycopg.connect(server.url(), autocommit=True) as opened:
        opened.execute("UPDATE ledger_balances SET balance = balance + 1 WHERE ctid = (SELECT min(ctid) FROM ledger_balances)")
    broken = regulars("verify", "--data", data)
    with EmbeddedPostgres(data) as server, psycopg.connect(server.url(), autocommit=True) as opened:
        opened.execute(
            "UPDATE ledger_balances b SET balance = (SELECT sum(amount) FROM ledger_entries e"
            " WHERE (e.account_id, e.customer_id, e.pool_id, e.item_id) = (b.account_id, b.customer_id, b.pool_id, b.item_id))"
        )
    assert broken.returncode == 1
    assert "I1 is broken" in broken.stdout
    assert regulars("verify", "--data", data).returncode == 0


def test_migrate_may_be_repeated(data: Path) -> None:
    done = regulars("migrate", "--data", data)
    assert done.returncode == 0
    assert "Applying" not in done.stderr


def test_webhooks_are_listed_and_told_again(data: Path, connection: psycopg.Connection[tuple[object, ...]]) -> None:
    ((account_id, last_id),) = connection.execute(
        "SELECT a.id, max(e.id) FROM accounts_accounts a JOIN ledger_entries e ON e.account_id = a.id"
        " WHERE a.code = 'beanandleaf' GROUP BY a.id"
    ).fetchall()
    connection.execute(
        "INSERT INTO webhooks_endpoints (account_id, id, name, url, kinds, campaign_ids, is_on, off_reason, secret_encrypted,"
        " created_at) VALUES (%s, 7, 'CRM', 'https://crm.example.com/', '{transaction.recorded}', '{}', true, '', '', now())",
        (account_id,),
    )
    connection.execute(
        "INSERT INTO webhooks_lanes (account_id, endpoint_id, entry_id, change_id, deletion_id, failure_count)"
        " VALUES (%s, 7, %s, 0, 0, 0)", (account_id, last_id),
    )  # fmt: skip
    listed = regulars("webhooks", "list", "beanandleaf", "--data", data)
    assert [(row["id"], row["name"], row["is_on"], row["waiting"]) for row in json.loads(listed.stdout)] == [
        (7, "CRM", True, 0)
    ]
    assert "secret" not in listed.stdout
    since = (datetime.now(UTC) - timedelta(days=29)).strftime("%Y-%m-%d %H:%M:%S")
    for number, when, code in (("7", since, 0), ("8", since, 4), ("7", "2020-01-01", 2), ("7", "yesterday", 2)):
        done = regulars("webhooks", "replay", "beanandleaf", "--id", number, "--since", when, "--data", data)
        assert done.returncode == code, done.stderr
    ((reached,),) = connection.execute("SELECT entry_id FROM webhooks_lanes WHERE endpoint_id = 7").fetchall()
    assert reached <= last_id
