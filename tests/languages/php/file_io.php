<?php
file_put_contents("data.txt", "alpha\nbeta\n");
file_put_contents("data.txt", "gamma\n", FILE_APPEND);
echo file_get_contents("data.txt"), filesize("data.txt"), "\n";
unlink("data.txt");
echo file_exists("data.txt") ? "no\n" : "yes\n";
