<?php
echo "before\n";
exit(37);
