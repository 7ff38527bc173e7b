# SPDX-License-Identifier: Apache-2.0
"""The addresses of what an account sets up: below ``admin.php/account``."""

from __future__ import annotations

from django.urls import path

from regulars.panel.views import (
    account,
    api,
    fields,
    import_batches,
    imports,
    mail,
    request_log,
    texts,
    webhook_deliveries,
    webhooks,
)

BATCH = "admin.php/account/import/batches/<int:batch_id>"
WEBHOOK = "admin.php/account/webhooks/<int:endpoint_id>"
DELIVERY = "admin.php/account/webhooks/deliveries/<int:delivery_id>"

urlpatterns = [
    path("admin.php/account/fields", fields.field_list, name="fields"),
    path("admin.php/account/fields/<slug:of>", fields.field_list, name="fields_of"),
    path("admin.php/account/fields/<slug:of>/add", fields.add_field, name="add_field"),
    path("admin.php/account/fields/<slug:of>/<slug:name>", fields.edit_field, name="edit_field"),
    path("admin.php/account/fields/<slug:of>/<slug:name>/delete", fields.delete_field, name="delete_field"),
    path("admin.php/account", account.business_page, name="account"),
    path("admin.php/account/localisation", account.localisation_page, name="account_localisation"),
    path("admin.php/account/limits", account.limits_page, name="account_limits"),
    path("admin.php/account/services", account.services_page, name="account_services"),
    path("admin.php/account/activate", account.activate, name="activate_account"),
    path("admin.php/account/api", api.api_page, name="api"),
    path("admin.php/requests/<int:entry_id>", request_log.logged_request, name="logged_request"),
    path("admin.php/account/mail", mail.mail_page, name="mail"),
    path("admin.php/account/mail/test", mail.mail_test, name="mail_test"),
    path("admin.php/account/mail/<slug:kind>", mail.mail_text, name="mail_text"),
    path("admin.php/account/texts", texts.texts_page, name="texts"),
    path("admin.php/account/texts/test", texts.texts_test, name="texts_test"),
    path("admin.php/account/webhooks", webhooks.webhook_list, name="webhooks"),
    path("admin.php/account/webhooks/add", webhooks.add_webhook, name="add_webhook"),
    path(DELIVERY, webhook_deliveries.webhook_delivery, name="webhook_delivery"),
    path(f"{DELIVERY}/again", webhook_deliveries.resend_delivery, name="resend_delivery"),
    path(WEBHOOK, webhook_deliveries.webhook_page, name="webhook"),
    path(f"{WEBHOOK}/edit", webhooks.edit_webhook, name="edit_webhook"),
    path(f"{WEBHOOK}/secret", webhooks.rotate_webhook, name="rotate_webhook"),
    path(f"{WEBHOOK}/switch", webhooks.switch_webhook, name="switch_webhook"),
    path(f"{WEBHOOK}/test", webhook_deliveries.test_webhook, name="test_webhook"),
    path(f"{WEBHOOK}/again", webhook_deliveries.resend_webhook, name="resend_webhook"),
    path(f"{WEBHOOK}/delete", webhooks.delete_webhook, name="delete_webhook"),
    path("admin.php/account/import", imports.imports_page, name="imports"),
    path("admin.php/account/import/<int:import_id>", imports.import_file, name="import_file"),
    path("admin.php/account/import/<int:import_id>/begin", imports.begin, name="begin_import"),
    path("admin.php/account/import/<int:import_id>/forget", imports.drop, name="drop_import"),
    path("admin.php/account/import/<int:import_id>/refused.csv", imports.refused_of_file, name="refused_of_file"),
    path(BATCH, import_batches.import_batch, name="import_batch"),
    path(f"{BATCH}/undo", import_batches.undo_batch, name="undo_import"),
    path(f"{BATCH}/refused.csv", import_batches.refused_of_batch, name="refused_of_batch"),
]
