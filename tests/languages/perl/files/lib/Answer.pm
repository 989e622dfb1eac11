package Answer;

sub text {
	return "the answer is " . 6 * 7;
}

1;
