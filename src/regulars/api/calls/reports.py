# SPDX-License-Identifier: Apache-2.0
"""reports: audits and marketing lists, told apart by ``report`` (api.md 10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from regulars.api.call import Call, Context, Family
from regulars.api.calls import report_audits as audits
from regulars.api.calls import report_customers as customers
from regulars.api.calls.report_params import RangeParams
from regulars.protocol.tree import Element

NO_CUSTOMERS = ("no_customers_in_report",)
NO_TRANSACTIONS = ("no_transactions_in_report",)


def _report(handle: Callable[[Context, Any], Element], params: type[Any], summary: str, *errors: str) -> Call:
    return Call(
        type="reports",
        handle=handle,
        params=params,
        permission="access_reports",
        summary=summary,
        errors=("campaign_not_found", *errors),
        rows="snapshot",
        source="api.md 10",
    )


FAMILY = Family(
    type="reports",
    selector="report",
    calls={
        "customers_all": _report(customers.customers_all, customers.AllParams, "Report - All Customers", *NO_CUSTOMERS),
        "customers_new": _report(customers.customers_new, RangeParams, "Report - New Customers", *NO_CUSTOMERS),
        "customers_frequent": _report(
            customers.customers_frequent, customers.FrequentParams, "Report - Frequent Customers", *NO_CUSTOMERS
        ),
        "customers_missing": _report(
            customers.customers_missing, customers.MissingParams, "Report - Missing Customers", *NO_CUSTOMERS
        ),
        "customers_birthday": _report(customers.customers_birthday, RangeParams, "Report - Birthdays", *NO_CUSTOMERS),
        "customers_custom_date": _report(customers.customers_custom_date, RangeParams, "Report - Custom Date", *NO_CUSTOMERS),
        "customers_search": _report(
            customers.customers_search, customers.SearchTextParams, "Report - Customer Search", *NO_CUSTOMERS
        ),
        "transactions_all": _report(
            audits.transactions_all, audits.TransactionsParams, "Report - All Transactions", *NO_TRANSACTIONS, "user_not_found"
        ),
        "transactions_redeemed": _report(
            audits.transactions_redeemed, audits.RedeemedParams, "Report - Redeemed", *NO_TRANSACTIONS
        ),
        "audit_totals": _report(audits.audit_totals, audits.TotalsParams, "Report - Campaign Totals"),
        "coalition_points": _report(
            audits.coalition_points, audits.TotalsParams, "Report - Store Totals, Points", "no_coalition"
        ),
        "coalition_stored_value": _report(
            audits.coalition_stored_value, audits.TotalsParams, "Report - Store Totals, Stored Value", "no_coalition"
        ),
        "customers_balances": _report(
            audits.customers_balances,
            audits.BalancesParams,
            "Report - Customer Balances",
            *NO_CUSTOMERS,
            "no_coalition",
            "balances_moving",
        ),
    },
)
