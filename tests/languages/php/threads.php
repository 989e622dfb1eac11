<?php
$children = [];
for ($i = 0; $i < 4; $i++) {
	$pair = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
	if (pcntl_fork() === 0) {
		$n = 0;
		while ($n < 10000)
			$n++;
		fwrite($pair[1], "$n\n");
		exit(0);
	}
	$children[] = $pair[0];
}
$total = 0;
foreach ($children as $child)
	$total += (int) fgets($child);
echo $total, "\n";
