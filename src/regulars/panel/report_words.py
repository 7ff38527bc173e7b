# SPDX-License-Identifier: Apache-2.0
"""What reports, their columns and the kinds of transactions are called on the screen and in files."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

GROUPS = (
    (_("Transactions and totals"), ("transactions_all", "transactions_redeemed", "audit_totals", "customers_balances")),
    (_("Shared balances"), ("coalition_points", "coalition_stored_value")),
    (
        _("Customers"),
        (
            "customers_all", "customers_new", "customers_frequent", "customers_missing", "customers_birthday",
            "customers_custom_date", "customers_search",
        ),
    ),
)  # fmt: skip

REPORTS = {
    "transactions_all": (_("All transactions"), _("Everything that was earned, redeemed, expired or taken as a fee.")),
    "transactions_redeemed": (_("Redemptions"), _("What was redeemed, and what of it was taken back.")),
    "audit_totals": (_("Campaign totals"), _("What each campaign gave, took back and owes over the days.")),
    "customers_balances": (_("Customer balances"), _("What each customer of a campaign has now.")),
    "coalition_points": (_("Store totals, points"), _("Campaign totals of the stores that share their points.")),
    "coalition_stored_value": (_("Store totals, stored value"), _("Campaign totals of the stores that share stored value.")),
    "customers_all": (_("All customers"), _("Who has a transaction in the days.")),
    "customers_new": (_("New customers"), _("Whose first transaction is in the days.")),
    "customers_frequent": (_("Frequent customers"), _("Who came at least so often in the days.")),
    "customers_missing": (_("Missing customers"), _("Who bought in the days and was not seen for a while.")),
    "customers_birthday": (_("Birthdays"), _("Whose birthday is in the days.")),
    "customers_custom_date": (_("Custom date"), _("Whose custom date, with its year, is in the days.")),
    "customers_search": (_("Customer search"), _("Who has some words in his data and a transaction in the days.")),
}
"""Name -> title, and what it shows."""

COLUMNS = {
    "occurred_at": _("Time"), "code": _("Code"), "card_number": _("Card"), "first_name": _("First name"),
    "last_name": _("Last name"), "phone": _("Phone"), "email": _("E-mail"), "city": _("City"), "postal_code": _("Postal code"),
    "custom_date": _("Custom date"), "created_at": _("Enrolled"), "campaign": _("Campaign"), "kind": _("Kind"),
    "amount": _("Amount"), "purchase": _("Purchase"), "description": _("Description"), "user": _("User"),
    "location": _("Location"), "number": _("Number"), "earned": _("Earned"), "redeemed": _("Redeemed"),
    "liability": _("Liability"), "worth": _("Worth"), "balance": _("Balance"), "cumulative": _("Earned in all"),
    "last_transaction_at": _("Last transaction"),
}  # fmt: skip

TRANSACTION_KINDS = {
    "activation": _("Activation"), "earn": _("Earned"), "redeem": _("Redeemed"), "expire": _("Expired"), "fee": _("Fee"),
    "contribute": _("Contribution"), "move": _("Moved"),
}  # fmt: skip
