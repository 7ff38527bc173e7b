# SPDX-License-Identifier: Apache-2.0
"""The edge of the API: what every call has in common."""

from __future__ import annotations

from tests.client import Api
from tests.factories import make_account


def test_the_test_call_answers_success(api: Api) -> None:
    answer = api.call("test")
    assert answer.xml_body == b'<?xml version="1.0" encoding="UTF-8"?><response status="success">Success</response>'
    assert answer.json == {"status": "success", "xml_value_to_show": "Success"}


def test_a_listing_call_works(api: Api) -> None:
    made = make_account()
    answer = api.call("campaigns_list", **made.credentials)
    assert answer.ok, answer
    assert api.call("campaigns_list", **{**made.credentials, "user_api_key": "x"}).error_code == "bad_credentials"
