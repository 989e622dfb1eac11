/* SPDX-License-Identifier: Apache-2.0 */
/* leave_call() is given calls of several depths, whose callers have much in registers. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/util.h"
#include "park/leave.h"

#define FAR   40
#define ALONE __attribute__((noipa)) /* called as it is written */

static int ends; /* of calls that came to theirs */
static const void *left;

/* Something is on the stack of each, and is used after the next. */
ALONE static int deeper(int depth)
{
	char room[64];

	snprintf(room, sizeof(room), "%d", depth);
	if (depth == 0)
		leave_call(left, 7);
	else
		deeper(depth - 1);
	ends++;
	return atoi(room);
}

ALONE static int leave_me(int depth)
{
	int got = deeper(depth);

	ends++;
	return got;
}

/* It ends with a jump into another, so that its own frame is none of the stack's. */
ALONE __attribute__((optimize("O2"))) static int leave_me_by_jump(int depth)
{
	return deeper(depth);
}

ALONE static int never_called(int depth)
{
	return depth + ends;
}

#define CALLED(function)                                                                           \
	{                                                                                          \
#function, (const void *)(uintptr_t)(function), function                           \
	}

static const struct row {
	const char *name;
	const void *function;
	int (*call)(int depth);
} rows[] = {CALLED(leave_me), CALLED(leave_me_by_jump)};

/* The calls are direct ones, and what is around them has to survive. */
ALONE static long around(const struct row *row, int depth, long a, long b, long c, long d, long e,
			 long f)
{
	long before = a * 3 + b * 5 + c * 7 + d * 11 + e * 13 + f * 17;
	int got = row->call == leave_me ? leave_me(depth) : leave_me_by_jump(depth);

	assert_int_equal(before, a * 3 + b * 5 + c * 7 + d * 11 + e * 13 + f * 17);
	return got;
}

static void the_call_returns_at_once(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (int depth = 0; depth < FAR; depth += 13) {
			ends = 0;
			left = rows[i].function;
			assert_int_equal(around(&rows[i], depth, depth + 1, 2, 3, 4, 5, 6), 7);
			assert_int_equal(ends, 0);
		}
}

static void a_call_that_is_not_under_way_changes_nothing(void **state _unused_)
{
	ends = 0;
	left = (const void *)(uintptr_t)never_called;
	assert_int_equal(around(&rows[0], 3, 1, 2, 3, 4, 5, 6), 3);
	assert_int_equal(ends, 5);
}

/* The innermost is left: the outer ones come to their end. */
ALONE static int nested(int depth)
{
	if (depth == 0)
		return deeper(2);
	int got = nested(depth - 1);
	ends++;
	return got + 1;
}

static void of_several_calls_the_innermost_returns(void **state _unused_)
{
	ends = 0;
	left = (const void *)(uintptr_t)nested;
	assert_int_equal(nested(3), 7 + 3);
	assert_int_equal(ends, 3);
}

static jmp_buf after;
static volatile int came;

static void come_back(int value)
{
	char aligned[16] __attribute__((aligned(16)));

	assert_int_equal((uintptr_t)&aligned % 16, 0);
	came = value;
	longjmp(after, 1);
}

ALONE static int last_call(int depth)
{
	assert_int_equal(depth, 0);
	assert_true(leave_at_return((const void *)(uintptr_t)last_call, come_back));
	ends++;
	return 42;
}

/* What called it does not go on. */
static void a_call_that_ends_comes_to_another_place(void **state _unused_)
{
	ends = 0;
	came = 0;
	if (setjmp(after) == 0) {
		last_call(0);
		fail();
	}
	assert_int_equal(came, 42);
	assert_int_equal(ends, 1);
	assert_false(leave_at_return((const void *)(uintptr_t)never_called, come_back));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_call_returns_at_once),
	    cmocka_unit_test(a_call_that_is_not_under_way_changes_nothing),
	    cmocka_unit_test(of_several_calls_the_innermost_returns),
	    cmocka_unit_test(a_call_that_ends_comes_to_another_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
