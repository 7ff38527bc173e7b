# SPDX-License-Identifier: Apache-2.0
"""The addresses of signing in and out, of what is one's own, and of an account's rules about it."""

from __future__ import annotations

from django.urls import path

from regulars.panel.views import first_run, forgotten, me, second_factor, sign_in

urlpatterns = [
    path("admin.php/setup", first_run.setup_page, name="setup"),
    path("admin.php/setup/step/<int:step>", first_run.setup_step, name="setup_step"),
    path("admin.php/setup/example", first_run.setup_example, name="setup_example"),
    path("admin.php/setup/<slug:code>", first_run.open_setup, name="open_setup"),
    path("admin.php/sign-in", sign_in.sign_in_page, name="sign_in"),
    path("admin.php/sign-in/code", sign_in.code_page, name="sign_in_code"),
    path("admin.php/forgotten-password", forgotten.forgotten_password, name="forgotten_password"),
    path("admin.php/forgotten-user-id", forgotten.forgotten_user_id, name="forgotten_user_id"),
    path("admin.php/new-password", forgotten.new_password, name="new_password"),
    path("admin.php/new-password/<slug:link>", forgotten.open_link, name="open_password_link"),
    path("admin.php/sign-out", sign_in.sign_out, name="sign_out"),
    path("admin.php/me", me.me_page, name="me"),
    path("admin.php/me/password", me.change_password, name="own_password"),
    path("admin.php/me/sessions/end-others", me.end_all_others, name="end_other_sessions"),
    path("admin.php/me/sessions/<int:number>/end", me.end_one_session, name="end_session"),
    path("admin.php/me/devices/forget-all", me.forget_all_devices, name="forget_devices"),
    path("admin.php/me/devices/<int:number>/forget", me.forget_one_device, name="forget_device"),
    path("admin.php/me/second-factor", second_factor.second_factor, name="second_factor"),
    path("admin.php/me/second-factor/begin", second_factor.begin, name="begin_second_factor"),
    path("admin.php/me/second-factor/confirm", second_factor.confirm, name="confirm_second_factor"),
    path("admin.php/me/second-factor/codes", second_factor.new_codes, name="new_recovery_codes"),
    path("admin.php/me/second-factor/off", second_factor.switch_off, name="switch_off_second_factor"),
    path("admin.php/account/security", second_factor.security, name="security"),
    path("admin.php/users/<slug:code>/second-factor", second_factor.reset_colleagues, name="reset_second_factor"),
]
