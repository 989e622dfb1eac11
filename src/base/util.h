/* SPDX-License-Identifier: Apache-2.0 */
/* Small things every room uses: cleanup attributes, array length, clocks. libc only. */
#ifndef SG_BASE_UTIL_H
#define SG_BASE_UTIL_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#define ARRAY_LEN(a)       (sizeof(a) / sizeof((a)[0]))
#define container_of(p, type, member) ((type *)((char *)(p) - offsetof(type, member)))

#define MIN_OF(a, b)       ((a) < (b) ? (a) : (b))
#define MAX_OF(a, b)       ((a) > (b) ? (a) : (b))

#define NS_PER_US          1000ull
#define NS_PER_MS          1000000ull
#define NS_PER_SEC         1000000000ull
#define KIB                1024ull
#define MIB                (1024ull * KIB)
#define GIB                (1024ull * MIB)

#define _printf_(fmt, arg) __attribute__((format(printf, fmt, arg)))
#define _free_             __attribute__((cleanup(util_free_pointer)))
#define _noreturn_         __attribute__((noreturn))
#define _unused_           __attribute__((unused))

static inline void util_free_pointer(void *pointer_to_pointer)
{
	free(*(void **)pointer_to_pointer);
}

/* Hands the pointer over and leaves NULL behind, so that a _free_ variable no longer owns it. */
#define steal_pointer(p)                                                                           \
	({                                                                                         \
		__typeof__(p) stolen_ = (p);                                                       \
		(p) = NULL;                                                                        \
		stolen_;                                                                           \
	})

/* CLOCK_MONOTONIC in nanoseconds: for every duration and deadline. */
static inline uint64_t clock_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

/* CLOCK_REALTIME in milliseconds since the epoch: only for what a person or a client reads. */
static inline uint64_t clock_wall_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / NS_PER_MS;
}

#endif
