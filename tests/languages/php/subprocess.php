<?php
exec("sh -c 'echo child; exit 3'", $lines, $code);
echo implode("\n", $lines), "\n", $code, "\n";
