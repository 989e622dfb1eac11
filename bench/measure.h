/* SPDX-License-Identifier: Apache-2.0 */
/* What the two measuring programs share: a clock, samples, and dying with a reason. */
#ifndef SG_BENCH_MEASURE_H
#define SG_BENCH_MEASURE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NS_PER_SEC 1000000000ull

#define DIE(...)                                                                                   \
	do {                                                                                       \
		fprintf(stderr, __VA_ARGS__);                                                      \
		fputc('\n', stderr);                                                               \
		exit(1);                                                                           \
	} while (0)

static inline uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

/* {"elapsed_ns": E, "samples_ns": [...]} for bench/run.py. */
static inline void print_samples(uint64_t elapsed_ns, const uint64_t *samples, size_t count)
{
	printf("{\"elapsed_ns\": %llu, \"samples_ns\": [", (unsigned long long)elapsed_ns);
	for (size_t i = 0; i < count; i++)
		printf("%s%llu", i ? "," : "", (unsigned long long)samples[i]);
	puts("]}");
}

#endif
