# SPDX-License-Identifier: Apache-2.0
"""The brand of a host, for everybody who comes there; and the page where an account sets its own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from regulars.accounts.brands import BrandConfig, ink_on, on_dark
from regulars.accounts.logos import LOGO_BYTES_MAX
from regulars.accounts.operations import set_brand
from regulars.accounts.queries import find_host_logo, get_brand, list_own_hosts
from regulars.errors import RegularsError
from regulars.panel.forms.brand import BrandForm
from regulars.panel.viewer import Viewer, own_host, signed_in

KEPT_SECONDS = 3_600
"""How long a browser keeps colours and logo; their addresses change with them."""
REST_BYTES_MAX = 32_768
"""What a form with a logo holds beside it."""


def stylesheet(brand: BrandConfig) -> str:
    """Return the colours of a brand as custom properties of panel.css, which it follows: by day, by night."""
    rules = []
    if brand.accent_colour:
        by_night = on_dark(brand.accent_colour)
        rules.append(f"--accent: light-dark({brand.accent_colour}, {by_night});")
        rules.append(f"--accent-ink: light-dark({ink_on(brand.accent_colour)}, {ink_on(by_night)});")
    if brand.bar_colour:
        rules.append(f"--bar: {brand.bar_colour}; --bar-ink: {ink_on(brand.bar_colour)};")
    return ":root { " + " ".join(rules) + " }\n"


def _kept(content: str | bytes, content_type: str) -> HttpResponse:
    headers = {"Cache-Control": f"private, max-age={KEPT_SECONDS}", "Vary": "X-Forwarded-Host, Host"}
    return HttpResponse(content, content_type=content_type, headers=headers)


@require_safe
def brand_stylesheet(request: HttpRequest) -> HttpResponse:
    """Give the colours of the host that was asked. 404 at a host that is nobody's."""
    host = own_host(request)
    if host is None or host.brand is None:
        raise Http404
    return _kept(stylesheet(host.brand), "text/css; charset=utf-8")


@require_safe
def brand_logo(request: HttpRequest) -> HttpResponse:
    """Give the logo of the host that was asked. 404 where there is none."""
    host = own_host(request)
    logo = None if host is None else find_host_logo(host)
    if logo is None:
        raise Http404
    return _kept(logo, "image/png")


@require_safe
@signed_in(needs="edit_account_info")
def own_logo(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Give the logo that the viewer's account has set, at whatever host he is."""
    logo = get_brand(account=viewer.account).logo
    if logo is None:
        raise Http404
    return HttpResponse(logo, content_type="image/png")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs="edit_account_info")
def brand_page(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show and change the account's brand."""
    if request.method != "POST":
        brand = get_brand(account=viewer.account)
        start = {name: getattr(brand, name) for name in ("name", "accent_colour", "bar_colour", "mail_name", "mail_reply_to")}
        return _page(request, viewer, BrandForm(initial=start), 200)
    form = BrandForm(request.POST, request.FILES)
    if int(request.META.get("CONTENT_LENGTH") or 0) > LOGO_BYTES_MAX + REST_BYTES_MAX:
        form.add_error("logo", _("The logo is too large: at most %(size)d KiB.") % {"size": LOGO_BYTES_MAX // 1024})
    if form.is_valid():
        try:
            with transaction.atomic():
                set_brand(account=viewer.account, at=viewer.at, changes=form.changes(), logo=form.new_logo())
        except RegularsError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The brand was saved."))
            return HttpResponseRedirect(reverse("brand"))
    return _page(request, viewer, form, 400)


def _page(request: HttpRequest, viewer: Viewer, form: BrandForm, status: int) -> HttpResponse:
    brand = get_brand(account=viewer.account)
    if brand.logo is None:
        del form.fields["removes_logo"]
    context: dict[str, Any] = {
        "form": form,
        "has_logo": brand.logo is not None,
        "hosts": list_own_hosts(account=viewer.account),
        "is_agency": viewer.account.kind == "agency",
    }
    return render(request, "panel/brand.html", context, status=status)
