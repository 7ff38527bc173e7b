# SPDX-License-Identifier: Apache-2.0
"""Signing in, in one step or two, and out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.errors import BadCredentials, RateLimited
from regulars.kit.db import unit_of_work
from regulars.panel import viewer as edge
from regulars.panel.forms.sign_in import CodeForm, SignInForm
from regulars.users.devices import DEVICE_SECONDS, remember_device
from regulars.users.second_factor import WrongCode, check_second_factor, wants_code
from regulars.users.security_log import note
from regulars.users.setup_code import has_users
from regulars.users.sign_in import sign_in

WRONG = gettext_lazy("The User ID or the password is not valid.")
WRONG_CODE = gettext_lazy("The code is not valid. Each code works once; wait for the next one.")
SUSPENDED = gettext_lazy("This account has been suspended")


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """
    Show the form; for the right password begin a session, or ask for the second factor. Where nobody can sign in yet, lead to
    where the first account is set up.
    """
    if request.method != "POST":
        if not has_users():
            return HttpResponseRedirect(reverse("setup"))
        return _sign_in_page(request, SignInForm(), 200)
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
            form.add_error(None, too_many_tries(error))
            status = 429
        else:
            if account.state != "suspended":
                return _go_on(request, account, user)
            form.add_error(None, str(SUSPENDED))
            status = 403
    return _sign_in_page(request, form, status)


def _sign_in_page(request: HttpRequest, form: SignInForm, status: int) -> HttpResponse:
    return render(request, "panel/sign_in.html", {"form": form, "next": _next_place(request)}, status=status)


def _go_on(request: HttpRequest, account: AccountConfig, user: UserConfig) -> HttpResponse:
    """The password was right: to the code, or in."""
    cookie = request.COOKIES.get(edge.DEVICE_COOKIE.format(user.id), "")
    with unit_of_work(account.id):
        is_asked = wants_code(account=account, user=user, at=edge.clock(), cookie=cookie)
    if not is_asked:
        return _let_in(request, account, user, "password")
    edge.begin_code_step(request, account, user)
    place = _next_place(request)
    return HttpResponseRedirect(reverse("sign_in_code") + (f"?{urlencode({'next': place})}" if place else ""))


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def code_page(request: HttpRequest) -> HttpResponse:
    """Ask for a code of the second factor; begin a session for the right one."""
    pending = edge.find_pending(request)
    if pending is None:
        request.session.pop(edge.PENDING, None)
        return HttpResponseRedirect(reverse("sign_in"))
    account, user = pending
    form = CodeForm(request.POST if request.method == "POST" else None, remembers=account.remembers_devices)
    status = 200 if request.method != "POST" else 400
    if form.is_valid():
        try:
            how = _check_code(request, account, user, form.cleaned_data["code"])
        except WrongCode:
            form.add_error("code", str(WRONG_CODE))
            status = 401
        except RateLimited as error:
            form.add_error(None, too_many_tries(error))
            status = 429
        else:
            return _let_in(request, account, user, how, remember=form.cleaned_data.get("remember", False))
    context = {"form": form, "next": _next_place(request), "user_code": user.code}
    return render(request, "panel/sign_in_code.html", context, status=status)


def _check_code(request: HttpRequest, account: AccountConfig, user: UserConfig, code: str) -> str:
    """Check a code in the account's unit of work, which is committed whatever comes of it: the count is in it."""
    with unit_of_work(account.id):
        try:
            return check_second_factor(
                account=account, user=user, at=edge.clock(), code=code, address=edge.client_address(request)
            )
        except (WrongCode, RateLimited) as error:
            refused = error
    raise refused


def _let_in(
    request: HttpRequest, account: AccountConfig, user: UserConfig, how: str, *, remember: bool = False
) -> HttpResponse:
    edge.sign_in_session(request, account, user)
    note("signed_in", account=account, user=user, address=edge.client_address(request), how=how)
    response = HttpResponseRedirect(_next_place(request) or reverse("home"))
    if remember:
        with unit_of_work(account.id):
            browser = edge.browser_here(request)
            cookie = remember_device(account=account, user=user, at=edge.clock(), browser=browser)
        if cookie:
            name = edge.DEVICE_COOKIE.format(user.id)
            response.set_cookie(name, cookie, max_age=DEVICE_SECONDS, secure=True, httponly=True, samesite="Lax")
    return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, and the visit to a client's account that it may be in."""
    edge.end_guest_session(request)
    edge.end_own_session(request)
    return HttpResponseRedirect(reverse("sign_in"))


def too_many_tries(error: RateLimited) -> str:
    """Return what whoever tried too often is told."""
    minutes = -(-error.retry_after_seconds // 60)
    text = ngettext(
        "Too many tries. Please try again in %(minutes)d minute.",
        "Too many tries. Please try again in %(minutes)d minutes.",
        minutes,
    )
    return text % {"minutes": minutes}


def _next_place(request: HttpRequest) -> str:
    """Return where the user was going, if that is a page of this panel."""
    return place_of_ours(request.POST.get("next", "") or request.GET.get("next", ""))


def place_of_ours(wanted: str) -> str:
    """Return an address to go back to, "" for any that is not a page of this panel."""
    is_ours = wanted.startswith("/admin.php") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours else ""
