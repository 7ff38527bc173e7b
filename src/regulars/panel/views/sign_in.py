# SPDX-License-Identifier: Apache-2.0
"""Signing in and out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from regulars.errors import BadCredentials, RateLimited
from regulars.panel import viewer as edge
from regulars.panel.forms.sign_in import SignInForm
from regulars.users.sign_in import sign_in

WRONG = gettext_lazy("The User ID or the password is not valid.")
SUSPENDED = gettext_lazy("This account has been suspended")


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """Show the form; begin a session for the right password."""
    if request.method != "POST":
        return render(request, "panel/sign_in.html", {"form": SignInForm(), "next": _next_place(request)})
    form = SignInForm(request.POST)
    status = 400
    if form.is_valid():
        try:
            account, user = sign_in(
                user_code=form.cleaned_data["user_id"],
                password=form.cleaned_data["password"],
                at=edge.clock(),
                address=edge.client_address(request),
                host=request.get_host(),
            )
        except BadCredentials:
            form.add_error(None, str(WRONG))
            status = 401
        except RateLimited as error:
            minutes = -(-error.retry_after_seconds // 60)
            text = ngettext(
                "Too many tries. Please try again in %(minutes)d minute.",
                "Too many tries. Please try again in %(minutes)d minutes.",
                minutes,
            )
            form.add_error(None, text % {"minutes": minutes})
            status = 429
        else:
            if account.state != "suspended":
                edge.sign_in_session(request, account, user)
                return HttpResponseRedirect(_next_place(request) or reverse("home"))
            form.add_error(None, str(SUSPENDED))
            status = 403
    return render(request, "panel/sign_in.html", {"form": form, "next": _next_place(request)}, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, and the visit to a client's account that it may be in."""
    edge.end_guest_session(request)
    request.session.flush()
    return HttpResponseRedirect(reverse("sign_in"))


def _next_place(request: HttpRequest) -> str:
    """Return where the user was going, if that is a page of this panel."""
    return place_of_ours(request.POST.get("next", "") or request.GET.get("next", ""))


def place_of_ours(wanted: str) -> str:
    """Return an address to go back to, "" for any that is not a page of this panel."""
    is_ours = wanted.startswith("/admin.php") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours else ""
