int answer(void)
{
#warning "so they say"
	return 42;
}
