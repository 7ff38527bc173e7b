# SPDX-License-Identifier: Apache-2.0
"""The list of users, and one user's page with the Security Token."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.errors import NotFound, PermissionDenied, RegularsError
from regulars.panel.forms.user import DeleteForm, TokenForm, UserForm
from regulars.panel.roles import role_name
from regulars.panel.viewer import Viewer, clock, signed_in
from regulars.users.access import may, may_manage_user
from regulars.users.guests import list_visits
from regulars.users.operations import create_user, delete_user, erase_user, rotate_token, unlock_user, update_user
from regulars.users.queries import get_secrets, get_user, list_users
from regulars.users.readings import abilities_of
from regulars.users.second_factor import has_second_factor
from regulars.users.sign_in import list_locked, locked_until

VISITS_SHOWN = 20


@require_safe
@signed_in(needs="view_user")
def user_list(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show the users the viewer may see."""
    users = list_users(account=viewer.account, by=viewer.user)
    locked = list_locked(user_codes=[user.code for user in users], at=clock()) if may(viewer.user, "unlock_user") else set()
    rows = [_row(viewer, user) | {"is_locked": user.code.lower() in locked} for user in users]
    context = {"users": rows, "visits": _visits(viewer)}
    return render(request, "panel/users.html", context)


def _visits(viewer: Viewer) -> list[tuple[str, str, str, str]]:
    """Who of the agency was in the account lately, for whoever sees all users."""
    if not may(viewer.user, "list_users"):
        return []
    return [
        (visit.name or visit.user_code, visit.user_code, viewer.shown.moment(visit.began_at),
         viewer.shown.moment(visit.ended_at) if visit.ended_at else "")
        for visit in list_visits(account=viewer.account, limit=VISITS_SHOWN)
    ]  # fmt: skip


@sensitive_post_parameters("password", "pin")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs="add_user")
def add_user(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Show an empty form; add the user and show his page."""
    account, by = viewer.account, viewer.user
    if request.method != "POST":
        start = {
            "role": "K",
            "language": account.language,
            "time_zone": account.timezone,
            "campaigns_access": by.campaigns_access,
        }
        return _add_page(request, UserForm(initial=start, account=account, by=by), 200)
    form = UserForm(request.POST, account=account, by=by)
    if form.is_valid():
        try:
            created = create_user(account=account, by=by, at=viewer.at, **form.values())
        except RegularsError as error:
            form.refuse(error)
        else:
            messages.success(request, _("User %(code)s was added.") % {"code": created.code})
            return HttpResponseRedirect(reverse("edit_user", args=[created.code]))
    return _add_page(request, form, 400)


def _add_page(request: HttpRequest, form: UserForm, status: int) -> HttpResponse:
    return render(request, "panel/add_user.html", {"form": form, "roles": _roles(form)}, status=status)


def _roles(form: UserForm) -> list[dict[str, Any]]:
    """What each role that can be chosen may do, in words; the chosen one is shown."""
    chosen = form["role"].value()
    offered = form.role_choices
    return [
        {
            "letter": letter,
            "name": name,
            "is_chosen": letter == chosen,
            "abilities": [(_(sentence), is_able) for sentence, is_able in abilities_of(letter)],
        }
        for letter, name in offered
    ]


def _locked_until(viewer: Viewer, user: UserConfig) -> str:
    if not may(viewer.user, "unlock_user"):
        return ""
    until = locked_until(user_code=user.code, at=clock())
    return viewer.shown.moment(until) if until is not None else ""


@sensitive_post_parameters("password", "pin")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(needs="")
def edit_user(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """Show a user with his Security Token; save changes."""
    user = _managed(viewer, code)
    if request.method != "POST":
        return _edit_page(request, viewer, user, None, TokenForm(), 200)
    form = UserForm(request.POST, account=viewer.account, by=viewer.user, user=user)
    if form.is_valid():
        try:
            with transaction.atomic():  # a refused change must not take the page's own reads with it
                update_user(account=viewer.account, by=viewer.user, at=viewer.at, **{**form.values(), "code": user.code})
        except RegularsError as error:
            form.refuse(error)
        else:
            messages.success(request, _("User %(code)s was saved.") % {"code": user.code})
            return HttpResponseRedirect(reverse("edit_user", args=[user.code]))
    return _edit_page(request, viewer, user, form, TokenForm(), 400)


@require_POST
@signed_in(needs="")
def rotate_user_token(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """Give the user a new Security Token."""
    user = _managed(viewer, code)
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _edit_page(request, viewer, user, None, form, 400)
    overlap_seconds = int(form.cleaned_data["overlap"])
    rotate_token(account=viewer.account, by=viewer.user, at=clock(), code=user.code, overlap_seconds=overlap_seconds)
    messages.success(request, _rotated_text(overlap_seconds))
    return HttpResponseRedirect(reverse("edit_user", args=[user.code]))


@require_POST
@signed_in(needs="delete_user")
def delete_one_user(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """Delete a user, as user_delete does."""
    user = _managed(viewer, code)
    form = DeleteForm(request.POST)
    if not form.is_valid():
        return _edit_page(request, viewer, user, None, TokenForm(), 400, delete_form=form)
    delete = erase_user if form.cleaned_data["how"] == "free" else delete_user
    delete(account=viewer.account, by=viewer.user, at=viewer.at, code=user.code)
    messages.success(request, _("User %(code)s was deleted.") % {"code": user.code})
    return HttpResponseRedirect(reverse("users"))


@require_POST
@signed_in(needs="unlock_user")
def unlock_user_sign_in(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """Let a user sign in again whom too many wrong passwords have locked out."""
    unlock_user(account=viewer.account, by=viewer.user, at=clock(), code=code)
    messages.success(request, _("User %(code)s may sign in again.") % {"code": code})
    return HttpResponseRedirect(reverse("users"))


def _managed(viewer: Viewer, code: str) -> UserConfig:
    """Return the user to be edited. Raises NotFound for whom the viewer may not see, PermissionDenied below that."""
    if not may(viewer.user, "view_user") and code.lower() != viewer.user.code.lower():
        raise NotFound
    user = get_user(account=viewer.account, by=viewer.user, code=code)
    if not may_manage_user(viewer.user, user):
        raise PermissionDenied
    return user


def _edit_page(
    request: HttpRequest,
    viewer: Viewer,
    user: UserConfig,
    form: UserForm | None,
    token_form: TokenForm,
    status: int,
    *,
    delete_form: DeleteForm | None = None,
) -> HttpResponse:
    secrets = get_secrets(account=viewer.account, user_id=user.id)
    if form is None:
        start: dict[str, Any] = {
            "first_name": user.first_name, "last_name": user.last_name, "email": secrets.email, "role": user.role,
            "custom1": user.custom1, "language": user.language, "time_zone": user.timezone, "pin": secrets.pin,
            "campaigns_access": user.campaigns_access, "campaign_ids": sorted(user.allowed_campaign_ids),
            "duplicate_guard": user.duplicate_guard, "duplicate_guard_seconds": user.duplicate_guard_seconds,
            "calls_per_minute": user.calls_per_minute,
        }  # fmt: skip
        form = UserForm(initial=start, account=viewer.account, by=viewer.user, user=user)
    until = user.previous_token_until
    is_overlapping = until is not None and until > clock()
    context = {
        "form": form,
        "token_form": token_form,
        "token": secrets.token,
        "old_token_until": viewer.shown.moment(until) if until and is_overlapping else "",
        "user": _row(viewer, user),
        "account_id": viewer.account.code,
        "is_self": user.id == viewer.user.id,
        "may_reset": may(viewer.user, "unlock_user")
        and user.id != viewer.user.id
        and has_second_factor(account=viewer.account, user=user),
        "roles": _roles(form),
        "delete_form": delete_form or DeleteForm(),
        "may_delete": may(viewer.user, "delete_user") and not user.is_owner and user.id != viewer.user.id,
        "locked_until": _locked_until(viewer, user),
    }
    return render(request, "panel/edit_user.html", context, status=status)


def _row(viewer: Viewer, user: UserConfig) -> dict[str, Any]:
    return {
        "code": user.code,
        "name": f"{user.first_name} {user.last_name}".strip(),
        "role": role_name(user),
        "location": user.custom1,
        "campaigns": _campaigns_text(viewer.account, user),
        "may_edit": may_manage_user(viewer.user, user),
    }


def _campaigns_text(account: AccountConfig, user: UserConfig) -> str:
    if user.campaigns_access == "some":
        names = sorted(campaign.name for campaign in account.campaigns.values() if user.may_see(campaign))
        first, more = ", ".join(names[:3]), len(names) - 3
        return _("%(names)s and %(more)d more") % {"names": first, "more": more} if more > 0 else first
    return {"all": _("All"), "none": _("None")}[user.campaigns_access]


def _rotated_text(overlap_seconds: int) -> str:
    hours = overlap_seconds // 3600
    if not hours:
        return _("The new Security Token is shown below. The old one stops now.")
    text = ngettext(
        "The new Security Token is shown below. The old one stops in %(hours)d hour.",
        "The new Security Token is shown below. The old one stops in %(hours)d hours.",
        hours,
    )
    return text % {"hours": hours}
