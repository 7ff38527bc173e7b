# SPDX-License-Identifier: Apache-2.0
"""Light, dark, or as the viewer's system: kept in a cookie of his browser, signed in or not."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from regulars.panel.viewer import THEME_COOKIE, THEMES
from regulars.panel.views.sign_in import place_of_ours

KEPT_SECONDS = 365 * 24 * 3_600


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep the choice and go back to where it was made; anything but light and dark is the system's."""
    response = HttpResponseRedirect(place_of_ours(request.POST.get("next", "")) or reverse("home"))
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        response.set_cookie(THEME_COOKIE, theme, max_age=KEPT_SECONDS, secure=True, httponly=True, samesite="Lax")
    else:
        response.set_cookie(THEME_COOKIE, "", max_age=0, secure=True, httponly=True, samesite="Lax")
    return response
