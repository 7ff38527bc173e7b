# SPDX-License-Identifier: Apache-2.0
"""The code by which an installation is set up (ADR-0025). The pages: tests/panel/test_first_run.py."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import transaction

from regulars.users.models import SetupCode
from regulars.users.setup_code import SetupCodeNotValid, has_users, is_setup_code_good, issue_setup_code, use_setup_code
from tests.factories import NOW, make_account


def test_only_the_last_code_is_kept_and_only_its_hash():
    first, second = issue_setup_code(at=NOW), issue_setup_code(at=NOW)
    assert len(second) == 40
    rows = SetupCode.objects.values_list("digest", "expires_at")
    assert [(bytes(digest), until) for digest, until in rows] == [(sha256(second.encode()).digest(), NOW + timedelta(days=1))]
    assert first != second


def test_where_somebody_can_sign_in_a_right_code_opens_nothing():
    make_account()
    code = issue_setup_code(at=NOW)
    assert (has_users(), is_setup_code_good(code=code, at=NOW)) == (True, False)
    with pytest.raises(SetupCodeNotValid), transaction.atomic():
        use_setup_code(code=code, at=NOW)
    assert SetupCode.objects.count() == 1
