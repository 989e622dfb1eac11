<?php
echo "before\n";
echo 1 % 0;
