<?php
echo "begin\n";
sleep(60);
