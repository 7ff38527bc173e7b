<?php
// SPDX-License-Identifier: Apache-2.0
// CAKE: a PHP site that sends everything by GET to the root of the API's host and reads XML.
// Usage: php cake.php URL STORY, where STORY is JSON; prints what the site shows, as JSON.

function api($data) {
    global $argv, $story;
    $login = array('user_id' => $story['user_id'], 'user_password' => $story['token'], 'account_id' => $story['account_id']);
    $ch = curl_init($argv[1] . '/?' . http_build_query(array_merge($login, $data)));
    curl_setopt($ch, CURLOPT_RETURNTRANSFER, true);
    curl_setopt($ch, CURLOPT_SSL_VERIFYPEER, false);
    curl_setopt($ch, CURLOPT_SSL_VERIFYHOST, false);
    $result = curl_exec($ch);
    curl_close($ch);
    return simplexml_load_string(str_replace('&', '&amp;', $result));
}

function texts($rows, $names) {
    $shown = array();
    foreach ($rows as $row) {
        $shown[] = array_combine($names, array_map(function ($name) use ($row) { return (string) $row->$name; }, $names));
    }
    return $shown;
}

function balance($code) {
    global $story;
    return api(array('type' => 'balance', 'campaign_id' => $story['points'], 'code' => $code))->campaign;
}

$story = json_decode($argv[2], true);
$campaign = balance($story['code']);
$nothing = balance($story['other_code'])->customer;
$names = array('id', 'date', 'authorization', 'redeemed', 'amount', 'campaign', 'user_name', 'record_timestamp', 'real');
$asked = array('type' => 'reports', 'date_start' => '2000-01-01', 'selected_campaigns' => $story['points']);
$transactions = api(array_merge($asked, array('report' => 'transactions_all')));
$customers = api(array_merge($asked, array('report' => 'customers_new')));
$none = api(array_merge($asked, array('report' => 'transactions_all', 'date_end' => '2000-01-02')));
echo json_encode(array(
    'name' => (string) $campaign->campaign_name,
    'balance' => (string) $campaign->customer->balance,
    'last_redemption' => (string) $nothing->last_redemption,
    'has_transactions' => isset($nothing->transactions),
    'transactions' => texts($campaign->customer->transactions->transaction, $names),
    'count' => (int) $transactions->transactions_count,
    'report' => texts($transactions->transaction, array('code', 'date', 'redeemed', 'user_name', 'campaign_id', 'first_name')),
    'customers' => texts($customers->customer, array('first_name', 'address1', 'zip', 'customer_code', 'card_number')),
    'none' => (string) $none->error,
));
