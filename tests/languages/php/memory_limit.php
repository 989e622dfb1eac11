<?php
echo "begin\n";
$kept = [];
while (true)
	$kept[] = str_repeat("x", 1 << 20);
