# SPDX-License-Identifier: Apache-2.0
"""The API page: what programs sign in with, code to begin with, and a call to try."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from regulars.customers.queries import find_any_code
from regulars.errors import PermissionDenied
from regulars.kit import snippets
from regulars.panel.forms.api import CallForm
from regulars.panel.viewer import Viewer, signed_in
from regulars.users.access import may
from regulars.users.queries import get_secrets

LANGUAGES = (("curl", "curl", snippets.curl), ("php", "PHP", snippets.php), ("python", "Python", snippets.python))


@require_safe
@signed_in(needs="")
def api_page(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show the viewer's own credentials, and a call with them as code and as a form."""
    if viewer.guest_of:
        raise PermissionDenied
    sees_customers = may(viewer.user, "view_customer_search")
    customer = find_any_code(account=viewer.account) if sees_customers else ""
    form = CallForm(request.GET, account=viewer.account, by=viewer.user, customer=customer)
    is_valid = form.is_valid()
    if not is_valid:
        form.cleaned_data.setdefault("call", "")
    call = form.chosen()
    token = get_secrets(account=viewer.account, user_id=viewer.user.id).token
    fields = call.fields(
        account_code=viewer.account.code,
        user_code=viewer.user.code,
        token=token,
        campaign=form.campaign_number(call),
        customer=form.customer_code(),
    )
    origin = f"https://{request.get_host()}"
    context: dict[str, Any] = {
        "form": form,
        "call": call.type,
        "account_id": viewer.account.code,
        "user_code": viewer.user.code,
        "token": token,
        "address": f"{origin}/api.php",
        "codes": [
            {"name": name, "label": label, "code": snippets.at_origin(write(fields), origin)}
            for name, label, write in LANGUAGES
        ],
        "fields": [(name, value, name == "user_api_key") for name, value in fields.items()],
        "outputs": (("XML", "XML"), ("JSON", "JSON")),
        "is_tried": ("dry_run", "Y") in call.more,
        "missing": _missing(call.takes, fields),
    }
    return render(request, "panel/api.html", context, status=200 if is_valid else 400)


def _missing(takes: tuple[str, ...], fields: dict[str, str]) -> str:
    """What has to be made before the call can be answered with success; "" = nothing."""
    if "campaign" in takes and not fields["campaign_id"]:
        return _("There is no campaign yet for which this call can be made.")
    if "customer" in takes and not fields["code"]:
        return _("There is no customer yet. Add one, or type the code of one.")
    return ""
