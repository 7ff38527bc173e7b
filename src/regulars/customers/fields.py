# SPDX-License-Identifier: Apache-2.0
"""What customers have in their custom fields, when a field itself changes or goes. Run inside the unit of work."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, connection, transaction

from regulars.accounts.directory import AccountConfig, FieldConfig
from regulars.accounts.rules import INDEXED_LENGTH_MAX
from regulars.customers.models import FieldValue
from regulars.errors import InvalidParameter, NotUnique
from regulars.kit.db import unnoted


def index_field(*, account: AccountConfig, definition: FieldConfig) -> None:
    """
    Write the values of all customers anew into what look-ups and uniqueness go by, or take them out of it.

    Queries: 1 to 3, over all customers of the account.
    Raises:  NotUnique naming custom_field_#_unique where two customers have the same; InvalidParameter where a value is too
             long to be found by.
    Source:  api.md 6.
    """
    FieldValue.objects.filter(account_id=account.id, number=definition.number).delete()
    if not (definition.unique or definition.searchable):
        return
    name, number = f"custom_field_{definition.number}", str(definition.number)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM customers_customers"
            " WHERE account_id = %s AND deleted_at IS NULL AND length(fields ->> %s) > %s LIMIT 1",
            [account.id, number, INDEXED_LENGTH_MAX],
        )
        if cursor.fetchone() is not None:
            part = "unique" if definition.unique else "searchable"
            raise InvalidParameter(
                f"{name}_{part}", f"a customer has a value of more than {INDEXED_LENGTH_MAX} characters in it"
            )
        try:
            with transaction.atomic():
                # lower() of the database, because look-ups compare with it.
                cursor.execute(
                    "INSERT INTO customers_field_values (account_id, customer_id, number, value, is_unique)"
                    " SELECT account_id, id, %s, left(lower(fields ->> %s), 255), %s FROM customers_customers"
                    " WHERE account_id = %s AND deleted_at IS NULL AND fields ->> %s <> ''",
                    [definition.number, number, definition.unique, account.id, number],
                )
        except IntegrityError as error:
            if getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) == "customers_field_values_unique":
                raise NotUnique(f"{name}_unique") from error
            raise


def forget_field(*, account: AccountConfig, number: int, at: datetime) -> None:
    """
    Take a deleted field's values away from every customer. No search finds them any more.

    Queries: 3. Locks the customers who have one, in their order.
    """
    FieldValue.objects.filter(account_id=account.id, number=number).delete()
    with unnoted(), connection.cursor() as cursor:
        # In the order in which the ledger locks customers, so that neither waits for the other in a circle.
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM customers_customers WHERE account_id = %s AND jsonb_exists(fields, %s)"
            " ORDER BY account_id, id FOR NO KEY UPDATE) held",
            [account.id, str(number)],
        )
        cursor.execute(
            "UPDATE customers_customers SET fields = fields - %s::text, updated_at = %s"
            " WHERE account_id = %s AND jsonb_exists(fields, %s)",
            [str(number), at, account.id, str(number)],
        )
        cursor.execute("SELECT changes_forget_field(%s, %s)", [account.id, number])
