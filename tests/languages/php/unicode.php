<?php
echo "Grüße, 世界 🙂\n";
$line = rtrim(fgets(STDIN), "\n");
echo $line, "\n", mb_strlen($line), "\n";
