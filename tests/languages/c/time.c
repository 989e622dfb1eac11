#include <stdio.h>
#include <time.h>

int main(void)
{
	time_t when = 1704067200;
	char text[32];
	struct timespec begin, end;

	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", gmtime(&when));
	puts(text);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
	clock_gettime(CLOCK_MONOTONIC, &end);
	double seconds = end.tv_sec - begin.tv_sec + (end.tv_nsec - begin.tv_nsec) / 1e9;
	puts(seconds >= 0.045 && seconds < 10 ? "yes" : "no");
}
