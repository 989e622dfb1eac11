<?php
echo "before\n";

function fail()
{
	throw new RuntimeException("the end");
}

fail();
