# SPDX-License-Identifier: Apache-2.0
"""The list of customers: filters, segments, pages, files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from regulars.accounts.fields import FieldRow, list_fields
from regulars.customers.segments import SegmentRow, delete_segment, list_segments, save_segment
from regulars.errors import RegularsError
from regulars.kit.spreadsheet import csv_chunks, xlsx_chunks
from regulars.panel.customer_texts import amount_text, title_of
from regulars.panel.forms.customer import PLACES
from regulars.panel.forms.customer_list import CustomerFilterForm, SegmentForm
from regulars.panel.paging import Pages, address_with
from regulars.panel.viewer import Viewer, signed_in
from regulars.reports.customer_list import Asked, Line, Part, iterate_lines, list_part
from regulars.users.access import may

LENGTH = 25
EXPORTS = (("customers_csv", "CSV", "export_csv"), ("customers_xlsx", "Excel", "export_excel"))
"""Name of the address, what it is called, the permission it takes."""
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@signed_in(needs="view_customer_search")
def customer_list(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show a page of the customers that are asked for."""
    form = CustomerFilterForm(request.GET, account=viewer.account, by=viewer.user)
    return _list_page(request, viewer, form, SegmentForm(), 200)


def _list_page(
    request: HttpRequest, viewer: Viewer, form: CustomerFilterForm, segment_form: SegmentForm, status: int
) -> HttpResponse:
    asked = form.asked()
    segments = list_segments(account=viewer.account)
    context: dict[str, Any] = {
        "form": form,
        "segment_form": segment_form,
        "segments": [_segment(segment, form) for segment in segments],
        "kept": form.kept().items(),
        "rows": [],
        "asks": form.is_narrowed,
        "exports": [
            (label, f"{reverse(name)}?{urlencode(form.kept())}")
            for name, label, permission in EXPORTS
            if may(viewer.user, permission)
        ],
    }
    if asked is None:
        return render(request, "panel/customers/list.html", context, status=400)
    try:
        part = list_part(
            account=viewer.account, asked=asked, at=viewer.at, length=LENGTH, after=_place(request, "after"),
            before=_place(request, "before"),
        )  # fmt: skip
    except RegularsError as error:
        form.refuse(error)
        return render(request, "panel/customers/list.html", context, status=400)
    context["campaign"] = asked.campaign.name if asked.campaign else ""
    context["rows"] = [_row(viewer, asked, line) for line in part.lines]
    context["pages"] = _pages(request, part)
    context["is_cut"] = part.is_cut
    return render(request, "panel/customers/list.html", context, status=status)


def _place(request: HttpRequest, name: str) -> int | None:
    """The customer to go on behind, or before; None for anything that is no number of ours."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


def _pages(request: HttpRequest, part: Part) -> Pages:
    return Pages(
        previous=address_with(request, before=part.before, after=None) if part.before is not None else "",
        next=address_with(request, after=part.after, before=None) if part.after is not None else "",
        next_label=_("Search on") if part.is_cut else _("Next"),
        shown=ngettext("%(count)d customer on this page", "%(count)d customers on this page", len(part.lines))
        % {"count": len(part.lines)},
    )


def _row(viewer: Viewer, asked: Asked, line: Line) -> dict[str, Any]:
    customer = line.customer
    has_balance = asked.campaign is not None and line.balance is not None
    return {
        "code": customer.code,
        "title": _("Erased") if line.is_erased else title_of(customer),
        "card_number": customer.card_number,
        "phone": customer.phone,
        "email": customer.email,
        "is_erased": line.is_erased,
        "joined": viewer.shown.day(customer.created_at),
        "active": viewer.shown.day(line.last_activity_at) if line.last_activity_at else "",
        "balance": amount_text(viewer, asked.campaign, line.balance or 0) if asked.campaign and has_balance else "",
    }


def _segment(segment: SegmentRow, form: CustomerFilterForm) -> dict[str, Any]:
    known = {name: value for name, value in segment.filters.items() if name in form.fields}
    return {
        "id": segment.id,
        "name": segment.name,
        "address": f"{reverse('customers')}?{urlencode(known)}",
        "is_current": known == form.kept(),
    }


@require_POST
@signed_in(needs=("view_customer_search", "access_reports"))
def save_customer_segment(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Keep the filters of the list under a name."""
    filters = CustomerFilterForm(request.POST, account=viewer.account, by=viewer.user)
    form = SegmentForm(request.POST)
    if filters.asked() is not None and form.is_valid():
        try:
            with transaction.atomic():
                made = save_segment(
                    account=viewer.account, by=viewer.user, at=viewer.at, name=form.cleaned_data["name"], filters=filters.kept()
                )
        except RegularsError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The segment %(name)s was saved.") % {"name": made.name})
            return HttpResponseRedirect(f"{reverse('customers')}?{urlencode(filters.kept())}")
    return _list_page(request, viewer, filters, form, 400)


@require_POST
@signed_in(needs=("view_customer_search", "access_reports"))
def delete_customer_segment(request: HttpRequest, viewer: Viewer, segment_id: int) -> HttpResponse:
    """Delete a segment."""
    gone = delete_segment(account=viewer.account, by=viewer.user, at=viewer.at, segment_id=segment_id)
    messages.success(request, _("The segment %(name)s was deleted.") % {"name": gone.name})
    return HttpResponseRedirect(reverse("customers"))


# -- files ---------------------------------------------------------------------------------------------------------
@require_safe
@signed_in(needs=("view_customer_search", "export_csv"))
def export_csv(request: HttpRequest, viewer: Viewer) -> HttpResponseBase:
    """Give all customers that are asked for as CSV, written while it is read."""
    return _file(request, viewer, "csv", "text/csv; charset=utf-8", csv_chunks)


@require_safe
@signed_in(needs=("view_customer_search", "export_excel"))
def export_xlsx(request: HttpRequest, viewer: Viewer) -> HttpResponseBase:
    """The same as a workbook."""
    return _file(request, viewer, "xlsx", SHEET_TYPE, lambda rows: xlsx_chunks(rows, name=_("Customers")))


def _file(
    request: HttpRequest,
    viewer: Viewer,
    ending: str,
    kind: str,
    written: Callable[[Iterator[list[str | int]]], Iterator[bytes]],
) -> HttpResponseBase:
    filters = CustomerFilterForm(request.GET, account=viewer.account, by=viewer.user)
    asked = filters.asked()
    if asked is None:
        return _list_page(request, viewer, filters, SegmentForm(), 400)
    rows = _table(viewer, asked, list_fields(account=viewer.account, owner="customer"))
    answer = StreamingHttpResponse(written(rows), content_type=kind)
    day = viewer.at.astimezone(viewer.account.zone).date().isoformat()
    answer["Content-Disposition"] = f'attachment; filename="customers-{day}.{ending}"'
    return answer


def _table(viewer: Viewer, asked: Asked, fields: Sequence[FieldRow]) -> Iterator[list[str | int]]:
    """The head and a row for each customer. Secrets are in no file; amounts and days are written for machines to read."""
    account, campaign = viewer.account, asked.campaign
    columns = [(PLACES.get(each.name, each.name), each.label) for each in fields]
    columns = [(name, label) for name, label in columns if name not in ("pin", "password")]
    head = [_("Code"), *(label for _name, label in columns), _("Joined"), _("Last activity")]
    yield [*head, *([campaign.name] if campaign else [])]
    for lines in iterate_lines(account=account, asked=asked, at=viewer.at):
        for line in lines:
            row: list[str | int] = [line.customer.code, *(_cell(line, name) for name, _label in columns)]
            row += [
                moment.astimezone(account.zone).isoformat(" ", "seconds")[:19] if moment else ""
                for moment in (line.customer.created_at, line.last_activity_at)
            ]
            if campaign is not None:
                balance = line.balance or 0
                row.append(account.currency.text(balance) if campaign.is_money else balance)
            yield row


def _cell(line: Line, name: str) -> str:
    if name.startswith("custom_field_"):
        return line.customer.fields.get(name.removeprefix("custom_field_"), "")
    return str(getattr(line.customer, name))
