/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/fd.h"
#include "cli/judge.h"
#include "cli/source.h"

static const struct {
	const char *suffix;
	bool output;
} suffixes[] = {{".in", false}, {".out", true}, {".ans", true}};

/* Length of the name in front of a suffix of ours; 0: it has none. */
static size_t stem_of(const char *file, bool *ret_output)
{
	size_t len = strlen(file);

	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
		size_t suffix = strlen(suffixes[i].suffix);
		if (len <= suffix || strcmp(file + len - suffix, suffixes[i].suffix) != 0)
			continue;
		*ret_output = suffixes[i].output;
		return len - suffix;
	}
	return 0;
}

static struct judge_test *find(struct judge_tests *tests, const char *file, size_t stem)
{
	for (size_t i = 0; i < tests->count; i++)
		if (strlen(tests->items[i].name) == stem &&
		    memcmp(tests->items[i].name, file, stem) == 0)
			return &tests->items[i];
	return NULL;
}

static struct judge_test *add(struct judge_tests *tests, const char *file, size_t stem)
{
	struct judge_test *items = realloc(tests->items, (tests->count + 1) * sizeof(*items));

	if (!items)
		return NULL;
	tests->items = items;
	struct judge_test *test = &items[tests->count];
	memset(test, 0, sizeof(*test));
	buf_init(&test->in, SOURCE_BYTES_MAX);
	buf_init(&test->out, SOURCE_BYTES_MAX);
	test->name = strndup(file, stem);
	if (!test->name)
		return NULL;
	tests->count++;
	return test;
}

static int read_one(struct judge_tests *tests, int directory_fd, const char *file, struct err *err)
{
	bool output = false;
	size_t stem = stem_of(file, &output);

	if (!stem)
		return 0;
	struct judge_test *test = find(tests, file, stem);
	if (!test)
		test = add(tests, file, stem);
	if (!test)
		return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	if (output && test->has_out)
		return err_set(err, ERR_BAD_REQUEST, "There is a .out and a .ans of '%.100s'.",
			       test->name);
	*(output ? &test->has_out : &test->has_in) = true;
	_close_ int fd = openat(directory_fd, file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, ERR_NOT_FOUND, "Opening %.100s failed: %s.", file,
			       strerror(errno));
	return source_read_fd(fd, file, output ? &test->out : &test->in, err);
}

static int by_name(const void *a, const void *b)
{
	return strverscmp(((const struct judge_test *)a)->name,
			  ((const struct judge_test *)b)->name);
}

static int read_all(struct judge_tests *tests, DIR *directory, struct err *err)
{
	int rc = 0;

	for (struct dirent *entry; rc == 0 && (entry = readdir(directory));)
		rc = read_one(tests, dirfd(directory), entry->d_name, err);
	if (rc == 0 && tests->count == 0)
		return err_set(err, ERR_BAD_REQUEST,
			       "There are no tests (NAME.in, NAME.out) in that directory.");
	if (rc == 0)
		qsort(tests->items, tests->count, sizeof(*tests->items), by_name);
	return rc;
}

int judge_tests_read(struct judge_tests *ret_tests, const char *directory, struct err *err)
{
	struct judge_tests tests = {0};
	DIR *opened = opendir(directory);

	if (!opened)
		return err_set(err, ERR_NOT_FOUND, "Opening %.100s failed: %s.", directory,
			       strerror(errno));
	int rc = read_all(&tests, opened, err);
	closedir(opened);
	if (rc < 0)
		judge_tests_finish(&tests);
	else
		*ret_tests = tests;
	return rc;
}

void judge_tests_finish(struct judge_tests *tests)
{
	for (size_t i = 0; i < tests->count; i++) {
		free(tests->items[i].name);
		buf_finish(&tests->items[i].in);
		buf_finish(&tests->items[i].out);
	}
	free(tests->items);
	*tests = (struct judge_tests){0};
}
