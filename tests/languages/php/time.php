<?php
echo gmdate("Y-m-d H:i:s", 1704067200), "\n";
$begin = hrtime(true);
usleep(50000);
$ms = (hrtime(true) - $begin) / 1e6;
echo $ms >= 45 && $ms < 10000 ? "yes\n" : "no\n";
