<?php
$numbers = [];
for ($i = 0, $x = 42; $i < 100000; $i++, $x = $x * 16807 % 2147483647)
	$numbers[] = $x;
sort($numbers);
echo "$numbers[0] $numbers[50000] $numbers[99999]\n";
