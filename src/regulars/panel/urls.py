# SPDX-License-Identifier: Apache-2.0
"""The Control Panel's pages. ``/admin.php`` is the address people know; api.php beside it is the API's."""

from __future__ import annotations

from django.urls import path

from regulars.panel import account_urls, campaign_urls, counter_urls, customer_urls, office_urls, sign_in_urls
from regulars.panel.views import brand, changes, errors, home, modules, reports, request_log, settlement, theme, users

urlpatterns = [
    path("admin.php", home.front_door, name="home"),
    *sign_in_urls.urlpatterns,
    path("admin.php/reports", reports.report_list, name="reports"),
    path("admin.php/reports/progress/<slug:mark>", reports.export_progress, name="export_progress"),
    path("admin.php/reports/<slug:name>", reports.report_page, name="report"),
    path("admin.php/theme", theme.choose_theme, name="theme"),
    path("admin.php/brand.css", brand.brand_stylesheet, name="brand_stylesheet"),
    path("admin.php/logo.png", brand.brand_logo, name="brand_logo"),
    *counter_urls.urlpatterns,
    path("admin.php/account/brand", brand.brand_page, name="brand"),
    path("admin.php/account/brand/logo.png", brand.own_logo, name="own_logo"),
    path("admin.php/requests", request_log.request_log, name="request_log"),
    path("admin.php/account/changes", changes.change_list, name="changes"),
    path("admin.php/account/changes/access", changes.security_events, name="security_events"),
    path("admin.php/account/settlement", settlement.settlement_page, name="settlement"),
    path("admin.php/account/modules", modules.modules_page, name="modules"),
    *account_urls.urlpatterns,
    *campaign_urls.urlpatterns,
    *office_urls.urlpatterns,
    *customer_urls.urlpatterns,
    path("admin.php/users", users.user_list, name="users"),
    path("admin.php/users/add", users.add_user, name="add_user"),
    path("admin.php/users/<slug:code>", users.edit_user, name="edit_user"),
    path("admin.php/users/<slug:code>/token", users.rotate_user_token, name="rotate_token"),
    path("admin.php/users/<slug:code>/delete", users.delete_one_user, name="delete_user"),
    path("admin.php/users/<slug:code>/unlock", users.unlock_user_sign_in, name="unlock_user"),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
