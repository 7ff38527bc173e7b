<?php
// SPDX-License-Identifier: Apache-2.0
// KIT: a member-site kit. Forms are sent urlencoded with user_password, also to calls documented as API 1.5; every & of an answer
// is replaced by &amp; before SimpleXML reads it.
// Usage: php kit.php URL STORY, where STORY is JSON; prints what the pages show, as JSON.

function api($data) {
    global $argv;
    $ch = curl_init($argv[1]);
    curl_setopt($ch, CURLOPT_RETURNTRANSFER, 1);
    curl_setopt($ch, CURLOPT_POST, 1);
    curl_setopt($ch, CURLOPT_POSTFIELDS, http_build_query($data));
    curl_setopt($ch, CURLOPT_SSL_VERIFYPEER, FALSE);
    curl_setopt($ch, CURLOPT_SSL_VERIFYHOST, FALSE);
    $result = curl_exec($ch);
    curl_close($ch);
    return simplexml_load_string(str_replace('&', '&amp;', $result));
}

function signed($type, $data) {
    global $clerk;
    return api(array_merge(array('type' => $type), $clerk, $data));
}

function status_or_error($xml) {
    return $xml['status'] == 'success' ? 'success' : (string) $xml->error;
}

function clerk_signs_in($story) {
    $xml = api(array('user_id' => $story['user_id'], 'user_password' => $story['password'], 'type' => 'user_login'));
    return array(
        'user_id' => (string) $xml->account->user_id,
        'user_password' => (string) $xml->account->user_api_key,
        'account_id' => (string) $xml->account->account_id,
    );
}

function activate($card, $password) {
    return status_or_error(signed('record_customer', array(
        'customer_action' => 'register', 'card_number' => $card, 'customer_password' => $password,
    )));
}

function member_signs_in($card, $password) {
    return status_or_error(signed('validate_customer_password', array('card_number' => $card, 'customer_password' => $password)));
}

function my_info($card) {
    $info = signed('customer_info', array('card_number' => $card))->customer;
    return array(
        'code' => (string) $info->code, 'custom_date' => (string) $info->custom_date, 'custom_field' => (string) $info->custom_field,
        'registered' => (string) $info->registered, 'label' => (string) $info->custom_field_2->label,
        'data' => (string) $info->custom_field_2->data,
    );
}

function fields($type, $version) {
    $shown = array();
    foreach (signed($type, array('API' => $version, 'action' => 'list'))->account->fields->field as $field) {
        $choices = array();
        if ($field->choices) {
            foreach ($field->choices->choice as $choice) {
                $choices[] = (string) $choice;
            }
        }
        $shown[(string) $field->name] = array((string) $field->label, (string) $field->show, (string) $field->type, $choices);
    }
    return $shown;
}

function rows($type, $data, $wrapper, $row, $names) {
    $shown = array();
    foreach (signed($type, $data)->$wrapper->$row as $each) {
        $shown[] = array_map(function ($name) use ($each) { return (string) $each->$name; }, $names);
    }
    return $shown;
}

function history($campaign_id, $card) {
    $customer = signed('customer_balance', array('campaign_id' => $campaign_id, 'card_number' => $card))->campaign->customer;
    $shown = array('balance' => (string) $customer->balance, 'rows' => array());
    if ($customer->transactions) {
        foreach ($customer->transactions->transaction as $row) {
            $shown['rows'][] = array((string) $row->date, (string) $row->authorization, (string) $row->amount, (string) $row->redeemed);
        }
    }
    return $shown;
}

function record($campaign_id, $code, $data) {
    return signed('record_activity', array_merge(array('campaign_id' => $campaign_id, 'code' => $code), $data));
}

function redeem($campaign_id, $code, $data) {
    return status_or_error(signed('redeem', array_merge(array('campaign_id' => $campaign_id, 'code' => $code), $data)));
}

function report($campaign_ids) {
    $names = array('customer', 'card_number', 'custom1', 'record_timestamp', 'amount_number', 'amount_type', 'original_amount');
    $shown = array();
    $xml = signed('reports', array('report' => 'transactions_all', 'date_start' => '2000-01-01', 'selected_campaigns' => $campaign_ids));
    foreach ($xml->transaction as $row) {
        $shown[] = array_combine($names, array_map(function ($name) use ($row) { return (string) $row->$name; }, $names));
    }
    return $shown;
}

$story = json_decode($argv[2], true);
$clerk = clerk_signs_in($story);
$points = $story['points'];
$shown = array(
    'clerk' => $clerk,
    'activated' => activate($story['card'], 'secret_1'),
    'activated_again' => activate($story['card'], 'secret_2'),
    'unknown_card' => activate('no such card', 'secret_2'),
    'signed_in' => member_signs_in($story['card'], 'secret_1'),
    'wrong_password' => member_signs_in($story['card'], 'guess_1'),
);
$info = my_info($story['card']);
$shown['edited'] = status_or_error(signed('record_customer', array(
    'customer_action' => 'edit', 'code' => $info['code'], 'custom_date' => '0000-07-00', 'custom1' => 'One of the regulars',
    'custom_field_2' => 'Single,Other', 'send_no_email' => 'true',
)));
$shown['info'] = my_info($story['card']);
$shown['customer_fields'] = fields('manage_fields', '1.5');
$shown['transaction_fields'] = fields('transaction_fields', '1.6');
$shown['promotions'] = rows(
    'campaign_promos', array('campaign_id' => $points), 'promotions', 'promotion', array('id', 'operand', 'value', 'description')
);
$shown['items'] = rows('buyx_items_list', array('campaign_id' => $story['buyx']), 'buyx_items', 'item', array('id', 'name', 'description'));
$shown['rewards'] = rows('campaign_rewards', array('campaign_id' => $points), 'rewards', 'reward', array('id', 'level', 'description'));
$shown['empty_history'] = history($points, $story['card']);
$sale = record($points, $info['code'], array('amount' => '9.95', 'promo_id' => $shown['promotions'][0][0], 'custom_field_1' => '7'));
$shown['sale'] = array(
    (string) $sale->receipt->transaction->recorded->points, (string) $sale->receipt->transaction->balance->points,
    (string) $sale->receipt->campaign->name,
);
$earned = record($story['earned'], $info['code'], array());
$shown['earned'] = (string) $earned->receipt->transaction->add->amount;
$shown['redeemed'] = array(
    redeem($points, $info['code'], array('reward_to_redeem' => $shown['rewards'][0][0])),
    redeem($points, $info['code'], array('custom_points_redeem' => '100')),
    redeem($points, $info['code'], array('custom_dollars_redeem' => '0.05')),
    redeem($points, $info['code'], array('custom_points_redeem' => '100000')),
);
$shown['returned'] = status_or_error(record($story['giftcard'], $info['code'], array('amount' => '25,00')))
    . ' ' . redeem($story['giftcard'], $info['code'], array('reward_to_redeem' => '5.00'));
$shown['history'] = history($points, $story['card']);
$shown['report'] = report("$points,{$story['giftcard']}");
echo json_encode($shown);
