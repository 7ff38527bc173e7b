<?php
// SPDX-License-Identifier: Apache-2.0
// PHP1: a PHP class around the API. An array in CURLOPT_POSTFIELDS (multipart), user_password on every call even with API=1.5,
// rogue ampersands replaced by the published pattern before SimpleXML reads the answer.
// Usage: php php1.php URL STORY, where STORY is JSON; prints what the class read, as JSON.

class Loyalty {
    private $url;
    private $login;

    public function __construct($url, $user_id, $token, $account_id) {
        $this->url = $url;
        $this->login = array('user_id' => $user_id, 'user_password' => $token, 'account_id' => $account_id);
    }

    private function submit($data) {
        $ch = curl_init();
        curl_setopt($ch, CURLOPT_URL, $this->url);
        curl_setopt($ch, CURLOPT_RETURNTRANSFER, 1);
        curl_setopt($ch, CURLOPT_TIMEOUT, 10);
        curl_setopt($ch, CURLOPT_POST, 1);
        curl_setopt($ch, CURLOPT_POSTFIELDS, array_merge($this->login, $data));
        curl_setopt($ch, CURLOPT_SSL_VERIFYPEER, FALSE);
        curl_setopt($ch, CURLOPT_SSL_VERIFYHOST, FALSE);
        $result = curl_exec($ch);
        curl_close($ch);
        // The published pattern, without the /e that PHP no longer has.
        $clean = preg_replace_callback('/&[^; ]{0,6}.?/', function ($found) {
            return substr($found[0], -1) == ';' ? $found[0] : '&amp;' . substr($found[0], 1);
        }, $result);
        return new SimpleXMLElement($clean);
    }

    public function campaigns() {
        $xml = $this->submit(array('type' => 'campaigns_list', 'API' => '1.5', 'sortField' => 'campaign_name', 'sortOrder' => 'ASC'));
        $names = array();
        foreach ($xml->campaigns->campaign as $campaign) {
            $names[(string) $campaign->id] = (string) $campaign->name;
        }
        return $names;
    }

    public function new_earned_campaign($name) {
        $xml = $this->submit(array(
            'type' => 'campaign_new', 'action' => 'campaign', 'campaign_type' => 'earned', 'campaign_name' => $name,
            'amount_per_event' => '4.95', 'coalition_opt_out' => 'Y', 'two_tier_opt_out' => 'Y',
        ));
        return (string) $xml->campaign->id;
    }

    public function new_amount_per_event($campaign_id, $amount) {
        $xml = $this->submit(array(
            'type' => 'campaign_update', 'action' => 'campaign', 'campaign_id' => $campaign_id, 'new_amount_per_event' => $amount,
        ));
        return (string) $xml['status'];
    }

    public function customer($code) {
        return $this->submit(array('type' => 'customer_info', 'code' => $code, 'hide_customer_field' => 'Y'));
    }

    public function record($campaign_id, $code, $amount, $authorization) {
        return $this->submit(array(
            'type' => 'record_activity', 'campaign_id' => $campaign_id, 'code' => $code, 'amount' => $amount,
            'authorization' => $authorization,
        ));
    }
}

$story = json_decode($argv[2], true);
$loyalty = new Loyalty($argv[1], $story['user_id'], $story['token'], $story['account_id']);
$earned = $loyalty->new_earned_campaign('Bring & Earn');
$updated = $loyalty->new_amount_per_event($earned, '5,50');
$customer = $loyalty->customer($story['code']);
$sale = $loyalty->record($story['points'], $story['code'], '9,95', 'Beans & more; all of it');
echo json_encode(array(
    'earned' => $earned,
    'updated' => $updated,
    'campaigns' => $loyalty->campaigns(),
    'first_name' => (string) $customer->customer->first_name,
    'custom_date' => (string) $customer->customer->custom_date,
    'balance' => (string) $customer->campaigns->campaign[0]->balance,
    'points' => (string) $sale->receipt->transaction->recorded->points,
    'description' => (string) $sale->receipt->transaction->recorded->description,
));
