<?php
$text = stream_get_contents(STDIN);
preg_match_all('/(\w+)@(\w+)\.com/', $text, $found, PREG_SET_ORDER);
foreach ($found as [, $user, $place])
	echo "$user at $place\n";
echo preg_replace('/\d/', "#", $text);
