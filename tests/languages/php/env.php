<?php
echo getenv("GREETING"), "\n[", getenv("EMPTY"), "]\n", getenv("HOME"), "\n", getenv("LANG"), "\n";
