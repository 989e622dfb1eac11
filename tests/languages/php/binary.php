<?php
echo implode("", array_map("chr", range(0, 255)));
