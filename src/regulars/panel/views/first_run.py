# SPDX-License-Identifier: Apache-2.0
"""
The first steps of an installation without users: four pages, after which there is an account, an owner, and perhaps a campaign.

What was typed waits in the visitor's session, the password sealed; nothing is written before the last step. There are no such
pages any more once somebody can sign in (ADR-0025).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import Any

from babel import Locale
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from regulars.errors import RateLimited, RegularsError
from regulars.kit import snippets
from regulars.kit.secret import decrypt, encrypt
from regulars.panel import viewer as edge
from regulars.panel.forms.campaign import TermsForm
from regulars.panel.forms.first_run import BusinessStep, CampaignStep, CodeForm, OwnerStep, PlaceStep
from regulars.panel.shown import Shown
from regulars.panel.views.campaigns import example_context
from regulars.panel.views.sign_in import too_many_tries
from regulars.transactions.first_run import SetUp, drafted, set_up
from regulars.users.security_log import note
from regulars.users.setup_code import SetupCodeNotValid, check_setup_code, has_users, is_setup_code_good

CODE, TYPED, PASSWORD = "setup_code", "setup_typed", "setup_password"
SEALED_FOR = "first run"
TITLES = (_("Account"), _("Owner"), _("Language and money"), _("First campaign"))
LEADS = (
    _("Whose customers are rewarded?"),
    _("Who signs in first. Others are added later."),
    _("Everything but the currency can be changed at any time."),
    _("More campaigns, rewards and promotions come later."),
)
LAST = 4

View = Callable[..., HttpResponse]


def _while_nobody_is_here(view: View) -> View:
    """Show a page only as long as the installation has no user; afterwards it is not there."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if has_users():
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped


def _let_in(view: View) -> View:
    """Show a page to who has brought the code."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if has_users():
            raise Http404
        if not is_setup_code_good(code=request.session.get(CODE, ""), at=edge.clock()):
            return HttpResponseRedirect(reverse("setup"))
        return view(request, *args, **kwargs)

    return wrapped


@require_safe
@_while_nobody_is_here
def open_setup(request: HttpRequest, code: str) -> HttpResponse:
    """Take the code out of the address at once, so that no history and no Referer has it; nothing is used up."""
    response = _with_code(request, code)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@_while_nobody_is_here
def setup_page(request: HttpRequest) -> HttpResponse:
    """Ask for the code; lead who has brought it to where he was."""
    if request.method == "POST":
        return _with_code(request, request.POST.get("code", "").strip())
    if is_setup_code_good(code=request.session.get(CODE, ""), at=edge.clock()):
        return HttpResponseRedirect(reverse("setup_step", args=[_first_open(request)]))
    return render(request, "panel/setup/code.html", {"form": CodeForm()})


def _with_code(request: HttpRequest, code: str) -> HttpResponse:
    form = CodeForm({"code": code})
    status = 400
    if form.is_valid():
        try:
            check_setup_code(code=code, at=edge.clock(), address=edge.client_address(request))
        except RateLimited as error:
            form.add_error(None, too_many_tries(error))
            status = 429
        except SetupCodeNotValid as error:
            form.refuse(error)
            status = 403
        else:
            request.session.cycle_key()
            request.session[CODE] = code
            return HttpResponseRedirect(reverse("setup_step", args=[_first_open(request)]))
    return render(request, "panel/setup/code.html", {"form": form}, status=status)


@sensitive_variables("parts")
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
@_let_in
def setup_step(request: HttpRequest, step: int) -> HttpResponse:
    """Show a step with what was typed; keep it and go on. The last one makes everything and signs the owner in."""
    if not 1 <= step <= LAST:
        raise Http404
    if step > _first_open(request):
        return HttpResponseRedirect(reverse("setup_step", args=[_first_open(request)]))
    if step == LAST:
        return _campaign_step(request)
    is_sent = request.method == "POST"
    form = _form(request, step, request.POST if is_sent else _typed(request).get(str(step)))
    if not is_sent:
        return _page(request, step, form, 200)
    if not form.is_valid():
        return _page(request, step, form, 400)
    parts = form.parts()
    if password := parts.pop("password", ""):
        request.session[PASSWORD] = encrypt(password.encode(), owner=SEALED_FOR).hex()
    request.session[TYPED] = {**_typed(request), str(step): parts}
    return HttpResponseRedirect(reverse("setup_step", args=[step + 1]))


@require_safe
@_let_in
def setup_example(request: HttpRequest) -> HttpResponse:
    """Give the worked example of the terms that are being typed, as a piece of a page."""
    if _first_open(request) < LAST:
        raise Http404
    return render(request, "panel/campaigns/examples.html", example_context(_shown(request), TermsForm(request.GET)))


def _campaign_step(request: HttpRequest) -> HttpResponse:
    shown = _shown(request)
    currency = shown.account.currency
    options: dict[str, Any] = {"currency": currency, "unit_text": shown.money(10**currency.decimals)}
    if request.method != "POST":
        start = {"kind": "points", "points_ratio": "100", "default_item_level": "10"}
        return _page(request, LAST, CampaignStep(initial=start, **options), 200, shown)
    form = CampaignStep(request.POST if shown.account.kind == "business" else {"kind": ""}, **options)
    if "show" in request.POST:
        form.is_valid()
        return _page(request, LAST, form, 200, shown)
    if form.is_valid():
        try:
            made = set_up(code=request.session[CODE], at=edge.clock(), parts=_parts(request), campaign=form.campaign())
        except SetupCodeNotValid:
            return HttpResponseRedirect(reverse("setup"))
        except RegularsError as error:
            form.refuse(error)
        else:
            return _done(request, made)
    return _page(request, LAST, form, 400, shown)


def _done(request: HttpRequest, made: SetUp) -> HttpResponse:
    """Sign the owner in and show what programs sign in with: not a redirect, for it is shown this once."""
    account, owner = made.opened.account, made.opened.owner
    edge.sign_in_session(request, account, owner)
    note("set_up", account=account, user=owner, address=edge.client_address(request))
    fields = {"user_id": owner.code, "user_api_key": made.opened.token, "account_id": account.code}
    fields["type"] = "campaigns_list" if made.campaign else "user_info"
    origin = f"https://{request.get_host()}"
    context = {
        "name": account.profile["biz_name"],
        "account_id": account.code,
        "user_code": owner.code,
        "token": made.opened.token,
        "code": snippets.at_origin(snippets.curl(fields, ca_file=os.environ.get("REGULARS_CA_FILE", "")), origin),
        "next": reverse("home"),
    }
    return render(request, "panel/setup/done.html", context)


# -- what was typed ----------------------------------------------------------------------------------------------------
def _typed(request: HttpRequest) -> dict[str, dict[str, str]]:
    return dict(request.session.get(TYPED, {}))


def _first_open(request: HttpRequest) -> int:
    """Return the first step that was not done yet."""
    return next((step for step in range(1, LAST) if str(step) not in _typed(request)), LAST)


def _parts(request: HttpRequest) -> dict[str, str]:
    """Return all that was typed in the first three steps, by the names of set_up()."""
    parts = {name: value for step in _typed(request).values() for name, value in step.items()}
    return parts | {"password": decrypt(bytes.fromhex(request.session[PASSWORD]), owner=SEALED_FOR).decode()}


def _shown(request: HttpRequest) -> Shown:
    """How numbers and money will be written, in the language of whoever sets it up."""
    return Shown(drafted({name: value for name, value in _parts(request).items() if name != "password"}), _language())


def _language() -> str:
    return translation.get_language() or "en"


def _form(request: HttpRequest, step: int, data: Any) -> BusinessStep | OwnerStep | PlaceStep:
    locale = Locale.parse(_language())
    if step == 1:
        return BusinessStep(data, locale=locale)
    if step == 2:
        return OwnerStep(data, has_password=PASSWORD in request.session)
    country = _typed(request)["1"]["country"]
    return PlaceStep(data, locale=locale, initial=PlaceStep.start(country, _language()))


def _page(request: HttpRequest, step: int, form: Any, status: int, shown: Shown | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "step": step,
        "title": TITLES[step - 1],
        "lead": LEADS[step - 1],
        "steps": [(number, title, number == step) for number, title in enumerate(TITLES, 1)],
        "back": reverse("setup_step", args=[step - 1]) if step > 1 else "",
    }
    if shown is not None:
        context["has_campaign"] = shown.account.kind == "business"
        context |= example_context(shown, TermsForm(form.data if form.is_bound else form.initial))
    return render(request, "panel/setup/campaign.html" if shown else "panel/setup/step.html", context, status=status)
