# SPDX-License-Identifier: Apache-2.0
"""
What of a request and its answer may stand in the request log (ADR-0009): only what is listed here, by name.

Everything else is masked: credentials, all that says who a customer is, and every free text, for people type names into any
of them. So nothing in the log has to be erased with a customer. Of a card number or code the last four characters are shown.
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

import orjson

from regulars.api.exchange import Response
from regulars.errors import RegularsError
from regulars.protocol.params import Fields
from regulars.request_log.rules import ANSWER_LENGTH_MAX, FIELDS_LENGTH_MAX

MASK = "***"
CUT = "…"
FIELDS_MAX = 60
ANSWER_BYTES_MAX = 65_536
"""Longer answers are not read: their size is logged."""
TAIL = 4


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


FIELDS_SHOWN = _names(
    """
    type action customer_action report output condensed callback strict_status API account_id campaign_id selected_campaigns
    type_restrict user_role amount amount_per_event new_amount_per_event custom_points_redeem custom_dollars_redeem
    reward_to_redeem buyx_quantity service_product promo_id reward_id item_id depreciation_id fee_id transaction_id auto_add
    expected_balance transaction_time transactions_number show_activations show_only_belong_to include_redeemed
    coalition_balance campaign_type points_ratio new_points_ratio reward_ratio new_reward_ratio reward_level
    new_reward_level rounding carry_remainder coalition_opt_out two_tier_opt_out default_item_level promo_operation
    new_promo_operation promo_amount new_promo_amount promo_start_date promo_end_date new_promo_start_date
    new_promo_end_date depreciation_type depreciation_interval depreciation_interval_type depreciation_percentage
    fee_interval interval_type fee_amount date_start date_end frequency missing_for last limit offset length searchField
    searchOper sortField sortOrder show required unique searchable activate biz_online language_selector language_custom
    symbol_selector timezone_selector how_many_digits card_number_generate new_code check_override keep_which exact_match
    include_balances include_transactions_search across_campaigns hide_custom_field show_permissions suppress_permissions
    terminal send_transaction_email send_no_email receipt_text dry_run active_campaigns_count campaigns_per_day_activity
    customer_count last_X_customers last_X_transactions most_active total_customers_this_month total_transactions_this_month
    token_interval request_log_days calls_per_minute unknown_cards_per_minute error_code call time_from time_to
    delimiter overwrite_duplicates campaigns_to_include apply_ratio create_new_customers allow_undo no_undo allow-undo
    no-undo atomic batch_id
    """
)
FIELDS_TAILED = _names(
    """
    code card_number previous_code previous_card new_card_number duplicate_code duplicate_card_number card
    """
)
ANSWERS_SHOWN = _names(
    """
    status new id campaign_id customer_id reward_id promo_id item_id transaction_id campaign_type type points amount
    amount_number units events currency glyph balance cumulative cumulative_balance coalition_cumulative_balance
    needed_for_free free_available level total offset length count timestamp date time record_timestamp redeemed real
    operation multiplier interval interval_type percentage ratio error error_code http_status timezone language symbol
    this_month last_month last_month_same_period customer_count active_campaigns_count user_role user_level kept_days
    calls_per_minute unknown_cards_per_minute batch_id new_customers transactions lines lines_done lines_ignored
    lines_refused
    """
)
ANSWERS_TAILED = frozenset(("code", "card_number", "previous_code", "previous_card_number", "customer_code"))
_HARMLESS = re.compile(r"[A-Za-z0-9 .,:;+%/_-]{0,64}", re.ASCII)
"""What a listed field's value may look like: anything else came into it by mistake."""
_LONG = re.compile(r"[A-Za-z0-9_-]{30,}", re.ASCII)
"""Nothing listed is so long in one piece; keys and tokens are."""
_PLAIN = (None, "", True, False)
_NAME = re.compile(r"(?!.*[0-9A-Fa-f]{16})[A-Za-z_][A-Za-z0-9_-]{0,39}", re.ASCII)
"""A field's name as it may be shown; a body of another kind that was read as a form has its secrets in the name."""


def shown_fields(fields: Fields) -> str:
    """Return a request's fields as a JSON object of at most FIELDS_LENGTH_MAX characters: what may not be shown is masked."""
    shown: dict[str, str] = {}
    for name, value in fields.items():
        if name in FIELDS_SHOWN:
            shown[name] = value if _HARMLESS.fullmatch(value) and (len(value) < 30 or not _LONG.search(value)) else MASK
        elif name not in _NEVER:
            shown[name if _NAME.fullmatch(name) else MASK] = tail_of(value) if name in FIELDS_TAILED else MASK if value else ""
    if len(shown) <= FIELDS_MAX:
        text = orjson.dumps(shown).decode("utf-8", "replace")
        if len(text) <= FIELDS_LENGTH_MAX:
            return text
    return _cut_fields(shown)


_NEVER = frozenset(("user_id", "user_api_key", "user_password"))
"""Who asked stands beside; a name that no user has may be a password in the wrong field."""


def tail_of(value: str) -> str:
    """Return the last four characters of a number that is long enough to hide the rest."""
    tail = value[-TAIL:]
    return MASK + tail if len(value) >= 2 * TAIL and tail.isascii() and tail.isalnum() else MASK if value else ""


def _cut_fields(shown: dict[str, str]) -> str:
    """The first so many fields; names of unknown fields are callers' text too, so they count."""
    kept: dict[str, str] = {}
    size = 0
    for name, value in list(shown.items())[:FIELDS_MAX]:
        size += len(name) + len(value) + 6
        if size > FIELDS_LENGTH_MAX - 20:
            break
        kept[name] = value
    return orjson.dumps(kept | {CUT: str(len(shown) - len(kept))}).decode("utf-8", "replace")


def shown_error(error: RegularsError) -> str:
    """Return the answer of a request that failed, as JSON. Its sentences are ours; what they quote is taken out."""
    texts = [_QUOTED.sub(MASK, part.message) for part in error.parts[:10]]
    return orjson.dumps({"status": "error", "error": texts}).decode()[:ANSWER_LENGTH_MAX]


_QUOTED = re.compile(r"[\"'“«][^\"'”»]*[\"'”»]")


def shown_answer(response: Response) -> str:
    """Return the answer of a request that went well, as JSON of at most ANSWER_LENGTH_MAX characters; "" for a long one."""
    body = response.body
    if len(body) > ANSWER_BYTES_MAX:
        return ""
    value = _from_xml(ET.fromstring(body)) if body.startswith(b"<") else _from_json(body)  # noqa: S314 - our own answer
    text = orjson.dumps(_masked("", value)).decode("utf-8", "replace")
    return text if len(text) <= ANSWER_LENGTH_MAX else text[: ANSWER_LENGTH_MAX - 1] + CUT


def _from_json(body: bytes) -> Any:
    """Read JSON, and JSON inside the call of a callback."""
    return orjson.loads(body if body.startswith(b"{") else body[body.index(b"(") + 1 : body.rindex(b")")])


def _from_xml(element: ET.Element) -> Any:
    """Return members by name; a repeated one is a list."""
    members: dict[str, Any] = dict(element.attrib)
    for child in element:
        value = _from_xml(child)
        if child.tag not in members:
            members[child.tag] = value
        elif isinstance(members[child.tag], list):
            members[child.tag].append(value)
        else:
            members[child.tag] = [members[child.tag], value]
    return members or (element.text or "")


def _masked(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _masked(key, each) for key, each in value.items()}
    if isinstance(value, list):
        return [_masked(name, each) for each in value]
    if value in _PLAIN:
        return value
    text = str(value)
    if name in ANSWERS_SHOWN and _HARMLESS.fullmatch(text) and not _LONG.search(text):
        return text
    return tail_of(text) if name in ANSWERS_TAILED else MASK
