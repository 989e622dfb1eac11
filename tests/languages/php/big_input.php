<?php
$data = stream_get_contents(STDIN);
echo substr_count($data, "\n"), " ", strlen($data), "\n";
