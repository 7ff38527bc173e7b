# SPDX-License-Identifier: Apache-2.0
"""The data fields of customers, transactions and rewards. What a change means for records is said before it is made."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from regulars.accounts.fields import CUSTOM, UNDELETABLE, FieldChange, FieldRow, list_fields
from regulars.errors import RegularsError
from regulars.panel.forms.fields import TYPES, FieldForm
from regulars.panel.viewer import Viewer, signed_in
from regulars.transactions.fields import FieldUsage, add_fields, delete_fields, get_field_usage, update_fields

OWNERS = {"customers": "customer", "transactions": "transaction", "rewards": "reward"}
NEEDS = ("manage_fields", "manage_campaign_fields")
"""Of manage_fields, and of transaction_fields and reward_fields: whoever has one has the other."""


@require_safe
@signed_in(needs="list_fields")
def field_list(request: HttpRequest, viewer: Viewer, of: str = "customers") -> HttpResponse:
    """Show the fields of customers, transactions or rewards."""
    rows = list_fields(account=viewer.account, owner=_owner(of))
    context = {
        "of": of,
        "tabs": _tabs(of),
        "fields": [
            {
                "name": row.name,
                "label": row.label,
                "type": dict(TYPES)[row.type],
                "is_own": row.name.startswith(CUSTOM),
                "marks": [
                    text
                    for is_so, text in (
                        (row.required, _("Required")), (row.searchable, _("Searchable")), (row.unique, _("Unique")),
                        (not row.show, _("Hidden")),
                    )
                    if is_so
                ],
            }
            for row in rows
        ],
    }  # fmt: skip
    return render(request, "panel/fields.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs=NEEDS)
def add_field(request: HttpRequest, viewer: Viewer, of: str) -> HttpResponse:
    """Add a field under the next number."""
    owner = _owner(of)
    form = FieldForm(request.POST if request.method == "POST" else None, owner=owner, initial={"show": True})
    if request.method == "POST" and form.is_valid():
        rows = list_fields(account=viewer.account, owner=owner)
        taken = [_number(row.name) for row in rows if row.name.startswith(CUSTOM)]
        number = max(taken, default=0) + 1
        try:
            with transaction.atomic():
                add_fields(account=viewer.account, by=viewer.user, at=viewer.at, owner=owner, changes={number: form.change()})
        except RegularsError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The field was added; programs call it %(name)s.") % {"name": f"{CUSTOM}{number}"})
            return HttpResponseRedirect(reverse("fields_of", args=[of]))
    return _form_page(request, of, form, None, [], 400 if request.method == "POST" else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs=NEEDS)
def edit_field(request: HttpRequest, viewer: Viewer, of: str, name: str) -> HttpResponse:
    """Change a field; where that means something for what was recorded, say so first."""
    owner = _owner(of)
    row = _row(viewer, owner, name)
    form = FieldForm(request.POST if request.method == "POST" else None, owner=owner, row=row)
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, of, form, row, [], 400 if request.method == "POST" else 200)
    change = form.change()
    meanings = _meanings(viewer, owner, row, change)
    if meanings and "known" not in request.POST:
        return _form_page(request, of, form, row, meanings, 200)
    is_custom = row.name.startswith(CUSTOM)
    try:
        with transaction.atomic():
            update_fields(
                account=viewer.account, by=viewer.user, at=viewer.at, owner=owner,
                changes={_number(name): change} if is_custom else {}, predefined={} if is_custom else {name: change},
            )  # fmt: skip
    except RegularsError as error:
        form.refuse(error)
        return _form_page(request, of, form, row, [], 400)
    messages.success(request, _("The field was saved."))
    return HttpResponseRedirect(reverse("fields_of", args=[of]))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs=NEEDS)
def delete_field(request: HttpRequest, viewer: Viewer, of: str, name: str) -> HttpResponse:
    """Say what is lost with a field; delete it."""
    owner = _owner(of)
    row = _row(viewer, owner, name)
    if name in UNDELETABLE and owner == "customer":
        raise Http404
    if request.method == "POST":
        delete_fields(account=viewer.account, by=viewer.user, at=viewer.at, owner=owner, names=[name])
        messages.success(request, _("The field was deleted, and all that stood in it."))
        return HttpResponseRedirect(reverse("fields_of", args=[of]))
    usage = get_field_usage(account=viewer.account, owner=owner, number=_number(name), with_choices=False)
    context = {"of": of, "label": row.label, "name": name, "lost": _filled_text(viewer, usage)}
    return render(request, "panel/delete_field.html", context)


def _form_page(
    request: HttpRequest, of: str, form: FieldForm, row: FieldRow | None, meanings: list[str], status: int
) -> HttpResponse:
    context: dict[str, Any] = {
        "of": of,
        "form": form,
        "name": row.name if row else "",
        "label": row.label if row else "",
        "type": dict(TYPES)[row.type] if row else "",
        "meanings": meanings,
        "may_delete": row is not None and (of != "customers" or row.name not in UNDELETABLE),
    }
    return render(request, "panel/field_form.html", context, status=status)


def _meanings(viewer: Viewer, owner: str, row: FieldRow, change: FieldChange) -> list[str]:
    """What a change means for what was recorded, in sentences."""
    said: list[str] = []
    gone = [choice for choice in row.choices if change.choices is not None and choice not in change.choices]
    is_now_required = bool(change.required) and not row.required
    usage = None
    if row.name.startswith(CUSTOM) and (gone or is_now_required):
        number = _number(row.name)
        usage = get_field_usage(account=viewer.account, owner=owner, number=number, with_choices=bool(gone))
    if is_now_required:
        said.append(_("Who has no value keeps that; it must be filled in for new records, and can not be emptied any more."))
        if usage is not None:
            lacking = usage.looked_at - usage.filled
            text = ngettext("%(count)s record has no value.", "%(count)s records have no value.", lacking)
            said.append(_bounded(viewer, usage, text % {"count": viewer.shown.number(lacking)}))
    if gone and usage is not None:
        count = sum(usage.choices.get(choice, 0) for choice in gone)
        text = ngettext(
            "%(count)s record has a choice that is taken away (%(choices)s). It keeps it; it can not be chosen any more.",
            "%(count)s records have a choice that is taken away (%(choices)s). They keep it; it can not be chosen any more.",
            count,
        )
        said.append(_bounded(viewer, usage, text % {"count": viewer.shown.number(count), "choices": ", ".join(gone)}))
    if change.unique and not row.unique:
        said.append(_("Where two customers have the same value already, this is refused. From now on nobody can be given it."))
    if change.show is False and row.show:
        said.append(_("What stands in it stays, and programs go on seeing it; only the Control Panel hides it."))
    return said


def _filled_text(viewer: Viewer, usage: FieldUsage) -> str:
    text = ngettext("%(count)s record has a value in it.", "%(count)s records have a value in it.", usage.filled)
    return _bounded(viewer, usage, text % {"count": viewer.shown.number(usage.filled)})


def _bounded(viewer: Viewer, usage: FieldUsage, text: str) -> str:
    if usage.is_all:
        return text
    return _("Of the newest %(number)s: %(text)s") % {"number": viewer.shown.number(usage.looked_at), "text": text}


def _owner(of: str) -> str:
    owner = OWNERS.get(of)
    if owner is None:
        raise Http404
    return owner


def _row(viewer: Viewer, owner: str, name: str) -> FieldRow:
    row = next((row for row in list_fields(account=viewer.account, owner=owner) if row.name == name), None)
    if row is None:
        raise Http404
    return row


def _number(name: str) -> int:
    return int(name.removeprefix(CUSTOM))


def _tabs(of: str) -> list[tuple[str, str, bool]]:
    labels = {"customers": _("Customers"), "transactions": _("Transactions"), "rewards": _("Rewards")}
    return [(reverse("fields_of", args=[each]), label, each == of) for each, label in labels.items()]
