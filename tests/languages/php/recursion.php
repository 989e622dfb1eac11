<?php
function add($n)
{
	return $n ? $n + add($n - 1) : 0;
}

echo add(10000), "\n";
