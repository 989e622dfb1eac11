<?php
function answer()
{
	return "the answer is " . 6 * 7;
}
