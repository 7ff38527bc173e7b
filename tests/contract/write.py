# SPDX-License-Identifier: Apache-2.0
"""
``python -m tests.contract.write DIRECTORY REFERENCE``: writes the examples, on the fresh database that DATABASE_URL names.

A process of its own, so that ids begin at 1. ``make examples`` runs it by way of tests/contract/test_examples.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

import django


def main() -> None:
    django.setup()
    from tests.contract.carry import write_examples  # models can be imported only now

    write_examples(Path(sys.argv[1]), Path(sys.argv[2]))


if __name__ == "__main__":
    main()
