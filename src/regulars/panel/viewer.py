# SPDX-License-Identifier: Apache-2.0
"""Who looks at a page: the panel's edge. One request = one unit of work, opened here and nowhere else."""

from __future__ import annotations

import functools
import hmac
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from regulars import __version__
from regulars.accounts.directory import AccountConfig, UserConfig
from regulars.accounts.hosts import HostConfig, admits
from regulars.accounts.queries import get_account_config
from regulars.changes.acting import act_as
from regulars.errors import AccountNotFound, InvariantViolation, NotFound, PermissionDenied, StaleConfiguration
from regulars.kit.db import unit_of_work
from regulars.panel import navigation
from regulars.panel.languages import language_of, write_numbers_as
from regulars.panel.roles import role_name
from regulars.panel.shown import Shown
from regulars.panel.views import errors
from regulars.users.access import ALL, permissions_of, require
from regulars.users.guests import Guest, end_visit, find_guest
from regulars.users.queries import find_user_session_mark
from regulars.users.rules import browser_of
from regulars.users.second_factor import is_required_of
from regulars.users.sessions import Browser, begin_session, drop_session, find_session

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)
ACCOUNT, USER, MARK, SESSION = "account_id", "user_id", "mark", "session_id"
PENDING = "pending"
"""Of a session: whose password was right, while the code of his second factor is asked for."""
PENDING_SECONDS = 10 * 60
DEVICE_COOKIE = "__Host-device-{}"
"""By the user's number: people who share a browser have one each (users/devices.py)."""
VISITED, VISIT = "visited_account_id", "visit_id"
"""Of a session: the client's account that an agency's user is in, as a guest (ADR-0024)."""
RUNS_MAX = 3
EVERY_OFFICE = ("business", "agency", "platform")
"""The kinds of account; a page may be for some of them only."""
THEMES = ("light", "dark")
THEME_COOKIE = "__Host-theme"
"""What the viewer chose; none = as his system."""


@dataclass(frozen=True)
class Viewer:
    """The signed-in user, the account as it is in this unit of work, and the account's time."""

    account: AccountConfig
    user: UserConfig
    at: datetime
    guest_of: str = ""
    """The name of the agency that he comes from, where he is a guest of the account."""
    session_id: int = 0
    has_second_factor: bool = False

    @cached_property
    def shown(self) -> Shown:
        """How numbers, money and times are written for this viewer."""
        return Shown(self.account, language_of(self.account, self.user))


def clock() -> datetime:
    """The time, in UTC. Only faces ask for it."""
    return datetime.now(UTC)


def client_address(request: HttpRequest) -> str:
    """Return the network address of whoever asks, as the process in front of us saw it."""
    forwarded: str = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")


def own_host(request: HttpRequest) -> HostConfig | None:
    """Return whose own address was asked (panel/middleware.py), or None."""
    found: HostConfig | None = getattr(request, "own_host", None)
    return found


def browser_here(request: HttpRequest) -> Browser:
    """Return where whoever asks sits, as his list of sessions shows it."""
    return Browser(client_address(request), *browser_of(request.headers.get("User-Agent", "")))


def sign_in_session(request: HttpRequest, account: AccountConfig, user: UserConfig) -> None:
    """Begin a new session, under a new number, for a user who has shown who he is. Queries: 3, and the session's own."""
    with unit_of_work(account.id):
        mark = find_user_session_mark(account=account, user_id=user.id)
        number = begin_session(account=account, user=user, at=clock(), browser=browser_here(request))
    request.session.flush()
    request.session.update({ACCOUNT: account.id, USER: user.id, MARK: mark, SESSION: number})
    request.session.clear_expired()
    rotate_token(request)


def end_own_session(request: HttpRequest) -> None:
    """End the session that a request belongs to, if any. Queries: 1, and the session's own."""
    account_id, user_id = request.session.get(ACCOUNT), request.session.get(USER)
    if account_id is not None and user_id is not None:
        with unit_of_work(account_id):
            drop_session(account_id=account_id, user_id=user_id, session_id=request.session.get(SESSION, 0))
    request.session.flush()


def begin_code_step(request: HttpRequest, account: AccountConfig, user: UserConfig) -> None:
    """Note in a new session that the password was right and the code of the second factor is to come. Queries: 1."""
    with unit_of_work(account.id):
        mark = find_user_session_mark(account=account, user_id=user.id)
    request.session.flush()
    until = (clock() + timedelta(seconds=PENDING_SECONDS)).timestamp()
    request.session[PENDING] = {ACCOUNT: account.id, USER: user.id, MARK: mark, "until": int(until)}
    rotate_token(request)


def find_pending(request: HttpRequest) -> tuple[AccountConfig, UserConfig] | None:
    """Return whose code is asked for; None where nobody's is, it took too long, or he may not come in after all. Queries: 2."""
    pending = request.session.get(PENDING)
    if pending is None or clock().timestamp() >= pending["until"]:
        return None
    try:
        account = get_account_config(pending[ACCOUNT])
    except AccountNotFound:
        return None
    user = account.users_by_id.get(pending[USER])
    if user is None or account.state == "suspended" or not admits(own_host(request), account):
        return None
    with unit_of_work(account.id):
        mark = find_user_session_mark(account=account, user_id=user.id)
    return (account, user) if mark is not None and hmac.compare_digest(mark, pending[MARK]) else None


def find_viewer(request: HttpRequest) -> Viewer | None:
    """
    Return the signed-in user inside the account's unit of work, or None.

    A session ends when its user ends it, with the user, a suspended account, a new password, and at a host that becomes
    somebody else's.
    """
    try:
        account = get_account_config(request.session[ACCOUNT])
    except AccountNotFound:
        return None
    user = account.users_by_id.get(request.session.get(USER, 0))
    if user is None or account.state == "suspended" or not admits(own_host(request), account):
        return None
    number = request.session.get(SESSION, 0)
    live = find_session(account=account, user_id=user.id, session_id=number, at=clock())
    if live is None or not hmac.compare_digest(live.mark, request.session.get(MARK, "")):
        return None
    at = clock() + timedelta(seconds=account.test_clock_offset_seconds)
    return Viewer(account, user, at, session_id=number, has_second_factor=live.has_second_factor)


def begin_guest_session(request: HttpRequest, guest: Guest) -> None:
    """Let the session go on in a client's account."""
    request.session.update({VISITED: guest.account.id, VISIT: guest.visit_id})


def end_guest_session(request: HttpRequest) -> None:
    """Let the session go on at the agency; outside every unit of work. Queries: 1 where there was a visit."""
    client_id, visit_id = request.session.pop(VISITED, None), request.session.pop(VISIT, 0)
    if client_id is not None:
        end_visit(client_id=client_id, visit_id=visit_id, at=clock())


def _find_guest_viewer(request: HttpRequest, home: Viewer) -> Viewer | None:
    """Return who looks as a guest of the account he visits, inside its unit of work; None where he may be there no more."""
    try:
        client = get_account_config(request.session[VISITED])
    except AccountNotFound:
        return None
    guest = find_guest(office=home.account, by=home.user, client=client)
    if guest is None:
        return None
    if is_required_of(client, guest) and not home.has_second_factor:
        messages.error(request, _("This account requires a second factor of you: set one up first."))
        return None
    at = clock() + timedelta(seconds=client.test_clock_offset_seconds)
    return Viewer(client, guest, at, home.account.agency[1] if home.account.agency else home.account.code)


@dataclass(frozen=True, slots=True)
class Needs:
    """What a page asks of who opens it: all of these permissions, and an account of one of these kinds."""

    permissions: tuple[str, ...] = ()
    offices: tuple[str, ...] = EVERY_OFFICE


def signed_in(
    *, needs: str | tuple[str, ...], offices: tuple[str, ...] = EVERY_OFFICE, without_second_factor: bool = False
) -> Callable[[Callable[Concatenate[HttpRequest, Viewer, P], R]], Callable[Concatenate[HttpRequest, P], HttpResponseBase]]:
    """
    Run a view for a signed-in user inside the account's unit of work; anyone else is sent to sign in.

    ``needs``: the permission (or permissions) the page takes, "" = everybody who is signed in; ``offices``: the kinds of
    account it is for. Both stay readable on the view as ``view.needs``: the menu and the tests take them from there.
    ``without_second_factor``: also for whom the account asks to set one up; from every other page he is sent to where he can.
    PermissionDenied becomes a 403 page, NotFound the neutral 404 page; nothing was written then. Where the account's
    configuration changed meanwhile, the view runs again.
    """
    names = (needs,) if isinstance(needs, str) else needs
    asked = Needs(tuple(name for name in names if name), offices)
    unknown = set(asked.permissions) - ALL
    if unknown:
        raise InvariantViolation(f"no such permission: {sorted(unknown)}")

    def decorated(
        view: Callable[Concatenate[HttpRequest, Viewer, P], R],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @functools.wraps(view)
        def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            account_id = request.session.get(ACCOUNT)
            if account_id is None:
                return _to_sign_in(request)

            def show(viewer: Viewer) -> R:
                request.viewer = viewer  # type: ignore[attr-defined]
                translation.activate(language_of(viewer.account, viewer.user))
                write_numbers_as(viewer.shown.locale)
                if _must_set_up(viewer) and not without_second_factor:
                    return HttpResponseRedirect(reverse("second_factor"))  # type: ignore[return-value]
                _check(viewer, asked)
                if request.method == "POST":
                    act_as(viewer.user)
                return view(request, viewer, *args, **kwargs)

            try:
                answer = _retried(lambda: _inside(request, account_id, show))
            except PermissionDenied as error:
                return errors.forbidden(request, error)
            except NotFound as error:
                raise Http404 from error
            return _out(request) if answer is None else answer

        wrapped.needs = asked  # type: ignore[attr-defined]
        return wrapped

    return decorated


def _must_set_up(viewer: Viewer) -> bool:
    """Whether the account asks a second factor of him that he has not; of a guest his own account does (_find_guest_viewer)."""
    return not viewer.has_second_factor and not viewer.guest_of and is_required_of(viewer.account, viewer.user)


def _retried(work: Callable[[], R | None]) -> R | None:
    """Return what it returns, where somebody changed the settings under it after another try: nothing was written then."""
    for _attempt in range(RUNS_MAX - 1):
        with suppress(StaleConfiguration):
            return work()
    return work()


def _inside(request: HttpRequest, account_id: int, show: Callable[[Viewer], R]) -> R | None:
    """Show a page in the unit of work of the account that is looked at: one's own, or a client's. None: nobody may look."""
    visited_id = request.session.get(VISITED)
    with unit_of_work(account_id):
        home = find_viewer(request)
        if home is None or visited_id is None or _must_set_up(home):
            return None if home is None else show(home)
    with unit_of_work(visited_id):
        guest = _find_guest_viewer(request, home)
        return None if guest is None else show(guest)


def _out(request: HttpRequest) -> HttpResponse:
    """Lead who may be there no more to where he may: a guest back to his agency, or to sign in."""
    if VISITED in request.session:
        end_guest_session(request)
        return HttpResponseRedirect(reverse("home"))
    request.session.flush()
    return _to_sign_in(request)


def _check(viewer: Viewer, asked: Needs) -> None:
    if viewer.account.kind not in asked.offices:
        raise PermissionDenied
    for name in asked.permissions:
        require(viewer.user, name)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    place = reverse("sign_in")
    if request.method == "GET" and request.path != reverse("home"):
        place += f"?next={request.path}"
    return HttpResponseRedirect(place)


def as_context(request: HttpRequest) -> dict[str, Any]:
    """Give every template what its frame shows: plain values only. ``may``: the names of what the viewer may do."""
    context: dict[str, Any] = {
        "version": __version__,
        "frame": None,
        "brand": _brand(request),
        "may": frozenset(),
        "theme": request.COOKIES.get(THEME_COOKIE, "") if request.COOKIES.get(THEME_COOKIE, "") in THEMES else "",
    }
    viewer: Viewer | None = getattr(request, "viewer", None)
    if viewer is not None:
        name = f"{viewer.user.first_name} {viewer.user.last_name}".strip()
        context["may"] = permissions_of(viewer.user)
        context["frame"] = {
            "business": viewer.account.profile["biz_name"] or viewer.account.code,
            "user_code": viewer.user.code,
            "user_name": name or viewer.user.code,
            "role": role_name(viewer.user),
            "guest_of": viewer.guest_of,
            "menu": navigation.menu_for(
                viewer.account, permissions_of(viewer.user), _route(request), is_guest=bool(viewer.guest_of)
            ),
            "is_trial": viewer.account.state == "trial",
            "has_test_clock": viewer.account.test_clock_offset_seconds != 0,
            "now": viewer.shown.moment(viewer.at),
        }
    return context


def _route(request: HttpRequest) -> str:
    return (request.resolver_match.url_name or "") if request.resolver_match else ""


def _brand(request: HttpRequest) -> dict[str, Any]:
    """Under which name and colours the host that was asked shows itself: its owner's, or ours."""
    host = own_host(request)
    if host is None or host.brand is None:
        return {"name": "Regulars", "is_own": False}
    colours = host.brand.accent_colour + host.brand.bar_colour
    return {
        "name": host.brand.name,
        "is_own": True,
        "logo_mark": host.brand.logo_mark,
        "colours_mark": colours.replace("#", "-").strip("-"),
    }
