<?php
echo "begin\n";
while (true)
	;
