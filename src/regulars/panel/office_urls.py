# SPDX-License-Identifier: Apache-2.0
"""The addresses of offices' pages: below ``admin.php/agency`` and ``admin.php/platform``."""

from __future__ import annotations

from django.urls import path

from regulars.panel.views import accounts, agencies, codes, health

CLIENT = "admin.php/agency/accounts/<slug:code>"
ACCOUNT = "admin.php/platform/accounts/<slug:code>"

urlpatterns = [
    path("admin.php/agency/accounts", accounts.agency_accounts, name="agency_accounts"),
    path("admin.php/agency/accounts/new", accounts.agency_new_account, name="agency_new_account"),
    path(CLIENT, accounts.agency_account, name="agency_account"),
    path(f"{CLIENT}/enter", accounts.agency_enter, name="agency_enter"),
    path(f"{CLIENT}/state", accounts.agency_account_state, name="agency_account_state"),
    path("admin.php/agency/leave", accounts.agency_leave, name="agency_leave"),
    path("admin.php/platform/accounts", accounts.platform_accounts, name="platform_accounts"),
    path("admin.php/platform/accounts/new", accounts.platform_new_account, name="platform_new_account"),
    path(ACCOUNT, accounts.platform_account, name="platform_account"),
    path(f"{ACCOUNT}/state", accounts.platform_account_state, name="platform_account_state"),
    path(f"{ACCOUNT}/agency", accounts.platform_account_agency, name="platform_account_agency"),
    path("admin.php/platform/agencies", agencies.platform_agencies, name="platform_agencies"),
    path("admin.php/platform/agencies/new", agencies.platform_new_agency, name="platform_new_agency"),
    path("admin.php/platform/health", health.platform_health, name="platform_health"),
    path("admin.php/platform/health/verify", health.verify_books, name="verify_books"),
    path("admin.php/platform/backups", health.platform_backups, name="platform_backups"),
    path("admin.php/platform/backups/make", health.make_backup, name="make_backup"),
    path("admin.php/platform/codes", codes.platform_codes, name="platform_codes"),
    path("admin.php/platform/codes/<slug:number>/revoke", codes.revoke_platform_code, name="revoke_platform_code"),
]
