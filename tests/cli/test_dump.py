# SPDX-License-Identifier: Apache-2.0
"""What a restore passes on, and what it leaves out because it belongs to the server the dump was written on."""

from __future__ import annotations

from regulars.cli.dump import fitting


def passed(*lines: str) -> list[str]:
    return [line.decode() for line in fitting(line.encode() for line in lines)]


def test_settings_that_older_servers_do_not_know_are_left_out() -> None:
    assert passed("SET statement_timeout = 0;\n", "SET transaction_timeout = 0;\n") == ["SET statement_timeout = 0;\n"]


def test_a_servers_own_notes_in_column_options_are_left_out() -> None:
    own = "ALTER TABLE ONLY public.ledger_lots ALTER COLUMN id SET (pg_attver=27181624);\n"
    ours = "ALTER TABLE ONLY public.ledger_lots ALTER COLUMN id SET (n_distinct=5);\n"
    assert passed(own, ours) == [ours]


def test_default_privileges_become_those_of_whoever_restores() -> None:
    assert passed("ALTER DEFAULT PRIVILEGES FOR ROLE shop IN SCHEMA public GRANT USAGE ON SEQUENCES TO regulars_app;\n") == [
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO regulars_app;\n"
    ]


def test_rows_of_data_are_never_looked_into() -> None:
    rows = ("SET transaction_timeout = 0;\n", "ALTER DEFAULT PRIVILEGES FOR ROLE x y\n")
    script = ("COPY public.notes (text) FROM stdin;\n", *rows, "\\.\n", "SET transaction_timeout = 0;\n")
    assert passed(*script) == list(script[:-1])
