/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/util.h"
#include "park/seen.h"

static char directory[] = "/tmp/sandglass-seen-XXXXXX";

static int make_directory(void **state)
{
	(void)state;
	return mkdtemp(directory) && chdir(directory) == 0 ? 0 : -1;
}

static int remove_directory(void **state)
{
	(void)state;
	return rmdir(directory);
}

/* What is remembered stays for the life of the process: one test, in this order. */
static void test_what_has_come_since(void **state)
{
	static const struct {
		const char *looked_for, *comes;
		bool there;
	} rows[] = {
	    {"", NULL, false},	     {".", NULL, false}, {"package.json", "other", false},
	    {"lib/x", "lib", false}, {"a", "a", true},
	};
	int fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		seen_add(rows[i].looked_for);
		if (rows[i].comes)
			assert_return_code(mkdir(rows[i].comes, 0700), 0);
		bool there = seen_any_there(fd);
		if (rows[i].comes)
			rmdir(rows[i].comes);
		if (there != rows[i].there)
			fail_msg("row %zu: %s", i, rows[i].looked_for);
	}
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_what_has_come_since)};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
