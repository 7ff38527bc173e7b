# SPDX-License-Identifier: Apache-2.0
"""Who I am here: my data, my password, the browsers I am signed in with."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from regulars.errors import BadCredentials, PermissionDenied, RateLimited, RegularsError
from regulars.panel import viewer as edge
from regulars.panel.forms.domain import DomainForm
from regulars.panel.forms.me import OwnPasswordForm, ProfileForm
from regulars.panel.roles import role_name
from regulars.panel.viewer import Viewer, clock, signed_in
from regulars.panel.views.sign_in import too_many_tries
from regulars.users.access import may_manage_user
from regulars.users.devices import forget_device, forget_devices, list_devices
from regulars.users.operations import update_user
from regulars.users.queries import get_secrets
from regulars.users.second_factor import get_second_factor
from regulars.users.sessions import Browser, end_session, end_sessions, list_sessions
from regulars.users.sign_in import confirm_password

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, Viewer, P], HttpResponse]


def at_home(view: Page[P]) -> Page[P]:
    """Refuse a guest of the account: what is his own is at his agency."""

    @functools.wraps(view)
    def wrapped(request: HttpRequest, viewer: Viewer, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if viewer.user.id not in viewer.account.users_by_id:
            raise PermissionDenied
        return view(request, viewer, *args, **kwargs)

    return wrapped


def is_confirmed(request: HttpRequest, viewer: Viewer, form: DomainForm, field: str = "password") -> bool:
    """
    Whether the password that stands in a form is the viewer's; if not, say so at the field.

    The count of wrong ones is in the unit of work: the view must answer, not raise.
    """
    try:
        confirm_password(
            account=viewer.account,
            user=viewer.user,
            password=form.cleaned_data[field],
            at=clock(),
            address=edge.client_address(request),
        )
    except BadCredentials:
        form.add_error(field, _("This is not your password."))
    except RateLimited as error:
        form.add_error(field, too_many_tries(error))
    return not form.errors


@sensitive_post_parameters("password", "pin")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs="")
@at_home
def me_page(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show all of it; save name, language, time zone, PIN and e-mail address."""
    if request.method != "POST":
        return _page(request, viewer, 200)
    if not may_manage_user(viewer.user, viewer.user):
        raise PermissionDenied
    form = ProfileForm(request.POST, time_zone=viewer.user.timezone)
    if form.is_valid():
        old = get_secrets(account=viewer.account, user_id=viewer.user.id).email
        values = form.values()
        if values["email"] == old or is_confirmed(request, viewer, form):
            try:
                with transaction.atomic():
                    update_user(account=viewer.account, by=viewer.user, at=viewer.at, code=viewer.user.code, **values)
            except RegularsError as error:
                form.refuse(error)
            else:
                messages.success(request, _("Your data was saved."))
                return HttpResponseRedirect(reverse("me"))
    return _page(request, viewer, 400, form=form)


@sensitive_post_parameters("current", "password", "again")
@require_POST
@signed_in(needs="")
@at_home
def change_password(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Take a new password; all other sessions end, this one goes on under a new number."""
    if not may_manage_user(viewer.user, viewer.user):
        raise PermissionDenied
    form = OwnPasswordForm(request.POST)
    if form.is_valid() and is_confirmed(request, viewer, form, "current"):
        new = form.cleaned_data["password"]
        try:
            with transaction.atomic():
                update_user(account=viewer.account, by=viewer.user, at=viewer.at, code=viewer.user.code, password=new)
        except RegularsError as error:
            form.refuse(error)
        else:
            edge.sign_in_session(request, viewer.account, viewer.user)
            messages.success(request, _("Your password was changed. You were signed out everywhere else."))
            return HttpResponseRedirect(reverse("me"))
    return _page(request, viewer, 400, password_form=form)


@require_POST
@signed_in(needs="")
@at_home
def end_one_session(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """Sign out one browser; where it is this one, go to sign in."""
    end_session(account=viewer.account, user=viewer.user, session_id=number)
    if number == viewer.session_id:
        request.session.flush()
        return HttpResponseRedirect(reverse("sign_in"))
    messages.success(request, _("The session was ended."))
    return HttpResponseRedirect(reverse("me") + "#sessions")


@require_POST
@signed_in(needs="")
@at_home
def end_all_others(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Sign out every other browser."""
    count = end_sessions(account=viewer.account, user_id=viewer.user.id, except_id=viewer.session_id)
    text = ngettext("%(count)d other session was ended.", "%(count)d other sessions were ended.", count)
    messages.success(request, text % {"count": count})
    return HttpResponseRedirect(reverse("me") + "#sessions")


@require_POST
@signed_in(needs="")
@at_home
def forget_one_device(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """Let a remembered browser be asked for the code again."""
    forget_device(account=viewer.account, user=viewer.user, device_id=number)
    messages.success(request, _("The browser is asked for a code again."))
    return HttpResponseRedirect(reverse("me") + "#devices")


@require_POST
@signed_in(needs="")
@at_home
def forget_all_devices(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Let every remembered browser be asked for the code again."""
    forget_devices(account=viewer.account, user_id=viewer.user.id)
    messages.success(request, _("All browsers are asked for a code again."))
    return HttpResponseRedirect(reverse("me") + "#devices")


def _page(
    request: HttpRequest,
    viewer: Viewer,
    status: int,
    form: ProfileForm | None = None,
    password_form: OwnPasswordForm | None = None,
) -> HttpResponse:
    user, account = viewer.user, viewer.account
    secrets = get_secrets(account=account, user_id=user.id)
    start = {
        "first_name": user.first_name, "last_name": user.last_name, "language": user.language, "time_zone": user.timezone,
        "pin": secrets.pin, "email": secrets.email,
    }  # fmt: skip
    sessions = list_sessions(account=account, user=user, at=clock())
    context: dict[str, Any] = {
        "form": form or ProfileForm(initial=start, time_zone=user.timezone),
        "password_form": password_form or OwnPasswordForm(auto_id="id_new_%s"),
        "me": start | {"code": user.code, "role": role_name(user)},
        "may_edit": may_manage_user(user, user),
        "factor": get_second_factor(account=account, user=user),
        "factor_since": "",
        "sessions": [
            {
                "number": each.id,
                "is_this": each.id == viewer.session_id,
                "browser": in_words(each.browser),
                "address": each.browser.address,
                "began": viewer.shown.moment(each.started_at),
                "seen": viewer.shown.moment(each.seen_at),
            }
            for each in sessions
        ],
        "remembers": account.remembers_devices,
        "devices": [
            {
                "number": each.id,
                "browser": in_words(each.browser),
                "address": each.browser.address,
                "used": viewer.shown.moment(each.used_at),
                "until": viewer.shown.day(each.expires_at),
            }
            for each in list_devices(account=account, user=user, at=clock())
        ],
    }
    since = context["factor"].since
    context["factor_since"] = viewer.shown.moment(since) if since else ""
    return render(request, "panel/me.html", context, status=status)


def in_words(browser: Browser) -> str:
    """Return "Firefox on Windows", or what is known of it."""
    if browser.name and browser.system:
        return _("%(browser)s on %(system)s") % {"browser": browser.name, "system": browser.system}
    return browser.name or browser.system or _("Unknown browser")
