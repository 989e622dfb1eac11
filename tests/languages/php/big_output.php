<?php
$line = str_repeat("0123456789", 7) . "012345678\n";
for ($i = 0; $i < 20000; $i++)
	echo $line;
