<?php
// SPDX-License-Identifier: Apache-2.0
// The published PHP example, as a shop would have copied it: an array in CURLOPT_POSTFIELDS, which cURL sends as multipart.
// Usage: php seed.php URL name=value ...

function submit_cURL ($data, $url) {
    $ch = curl_init();
    curl_setopt($ch, CURLOPT_URL, $url);
    curl_setopt($ch, CURLOPT_RETURNTRANSFER, 1);
    curl_setopt($ch, CURLOPT_TIMEOUT, 10);
    curl_setopt($ch, CURLOPT_POST, 1);
    curl_setopt($ch, CURLOPT_POSTFIELDS, $data);
    curl_setopt($ch, CURLOPT_SSL_VERIFYPEER, FALSE);
    curl_setopt($ch, CURLOPT_SSL_VERIFYHOST, FALSE);
    $result = curl_exec($ch);
    curl_close ($ch);
    $parsed_result = new SimpleXMLElement($result);
    return $parsed_result;
}

$data = array();
foreach (array_slice($argv, 2) as $pair) {
    list($name, $value) = explode('=', $pair, 2);
    $data[$name] = $value;
}
$xml = submit_cURL($data, $argv[1]);
echo get_class($xml), "\n", $xml['status'], "\n", json_encode($xml), "\n", trim((string) $xml), "\n";
