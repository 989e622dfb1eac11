module lib.answer;

int answer()
{
	return 6 * 7;
}
