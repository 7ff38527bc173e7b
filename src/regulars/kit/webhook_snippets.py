# SPDX-License-Identifier: Apache-2.0
"""Code that checks the signature of a webhook, for receivers. The guide has it too; the tests run it as it is shown."""

from __future__ import annotations

PYTHON = """\
import base64, hashlib, hmac, time

SECRET = "whsec_..."  # shown once, when the webhook is made or its secret is rotated


def is_genuine(headers, body):
    \"\"\"headers: by their names in lower case; body: the bytes as they came, not parsed and written again.\"\"\"
    event_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > 300:
        return False  # an old message, sent again by somebody
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = f"{event_id}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    signatures = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(expected.encode(), one.encode()) for one in signatures)
"""

PHP = """\
<?php
const SECRET = 'whsec_...'; // shown once, when the webhook is made or its secret is rotated

function is_genuine(array $headers, string $body): bool
{
    $id = $headers['webhook-id'] ?? '';
    $timestamp = $headers['webhook-timestamp'] ?? '';
    if (!ctype_digit($timestamp) || abs(time() - (int) $timestamp) > 300) {
        return false; // an old message, sent again by somebody
    }
    $key = base64_decode(substr(SECRET, strlen('whsec_')));
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    foreach (explode(' ', $headers['webhook-signature'] ?? '') as $signature) {
        if (hash_equals($expected, $signature)) {
            return true;
        }
    }
    return false;
}

$headers = array_change_key_case(getallheaders()); // by their names in lower case
$body = file_get_contents('php://input'); // as it came, not parsed and written again
if (!is_genuine($headers, $body)) {
    http_response_code(401);
    exit;
}
$event = json_decode($body, true);
http_response_code(204); // answer first, within 15 seconds; work on it afterwards
"""
