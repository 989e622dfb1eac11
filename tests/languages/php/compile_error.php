<?php
echo "before\n";
if (true) { echo echo "what\n"; }
