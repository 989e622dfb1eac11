<?php
require "lib/answer.php";

echo answer(), "\n";
