<?php
echo "before\n";
posix_kill(posix_getpid(), SIGKILL);
