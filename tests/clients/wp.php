<?php
// SPDX-License-Identifier: Apache-2.0
// WP: a WordPress plug-in with two forms, one for balances and one to enrol. It reads XML; campaigns of the 1.5 form it looks for
// directly under the response, where they never were.
// Usage: php wp.php URL STORY, where STORY is JSON; prints what the forms show, as JSON.

function api($type, $data) {
    global $argv, $story;
    $login = array('user_id' => $story['user_id'], 'user_password' => $story['token'], 'account_id' => $story['account_id']);
    $ch = curl_init($argv[1]);
    curl_setopt($ch, CURLOPT_RETURNTRANSFER, true);
    curl_setopt($ch, CURLOPT_POST, true);
    curl_setopt($ch, CURLOPT_POSTFIELDS, http_build_query(array_merge(array('type' => $type), $login, $data)));
    curl_setopt($ch, CURLOPT_SSL_VERIFYPEER, false);
    curl_setopt($ch, CURLOPT_SSL_VERIFYHOST, false);
    $body = curl_exec($ch);
    curl_close($ch);
    return simplexml_load_string($body);
}

function enrol($data) {
    $xml = api('record_customer', array_merge(array('customer_action' => 'new'), $data));
    return isset($xml->customer->code) ? (string) $xml->customer->code : 'error: ' . $xml->error;
}

function look_up($card) {
    $xml = api('customer_search', array('card_number' => $card, 'exact_match' => 'insensitive'));
    return array((string) $xml->customer->first_name, (string) $xml->customer->last_name, (string) $xml->customer->card_number);
}

function balance($campaign_id, $card, $password) {
    if ($password !== '' && api('validate_customer_password', array('card_number' => $card, 'customer_password' => $password))['status'] != 'success') {
        return 'wrong password';
    }
    $campaign = api('customer_balance', array('campaign_id' => $campaign_id, 'card_number' => $card))->campaign;
    $rows = array();
    if (isset($campaign->customer->transactions)) {
        foreach ($campaign->customer->transactions->transaction as $row) {
            $rows[] = array((string) $row->authorization, (string) $row->service_product, (string) $row->amount, (string) $row->record_timestamp);
        }
    }
    return array((string) $campaign->campaign_type, (string) $campaign->customer->balance, $rows);
}

function names($campaigns) {
    $shown = array();
    foreach ($campaigns as $campaign) {
        $shown[(string) $campaign->id] = (string) $campaign->name;
    }
    return $shown;
}

$story = json_decode($argv[2], true);
$with_card = array(
    'card_number' => '880011', 'first_name' => 'Amy', 'last_name' => "O'Acker & Sons", 'email' => 'amy@acker.example',
    'campaign_id' => $story['points'], 'auto_add' => '500', 'customer_password' => 'secret_1',
);
$old_form = api('campaigns_list', array());
$new_form = api('campaigns_list', array('API' => '1.5'));
echo json_encode(array(
    'enrolled' => enrol($with_card),
    'again' => enrol($with_card),
    'free' => enrol(array('first_name' => 'Ben', 'phone' => '212-555-0101', 'campaign_id' => $story['points'])),
    'found' => look_up('880011'),
    'balance' => balance($story['points'], '880011', 'secret_1'),
    'wrong_password' => balance($story['points'], '880011', 'guess_1'),
    'old_form' => names($old_form->campaigns->campaign),
    'new_form' => names($new_form->campaigns->campaign),
    'without_wrapper' => names($new_form->campaign),
));
