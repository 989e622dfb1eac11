/* SPDX-License-Identifier: Apache-2.0 */
/* A daemon that has confined itself: what is left of its rights. As root, or as who runs the test. */
#define _GNU_SOURCE
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "confine/confine.h"

#define UID 1900004242u

static char root_dir[] = "/tmp/sandglass-confine-XXXXXX";

/* Runs fn in a child that has confined itself; its result is the exit code, 200 if that failed. */
static int confined(const char *policy, const char *root, int (*fn)(bool root_changed, int status_fd))
{
	struct confine_plan plan = {.uid = UID, .gid = UID, .policy = policy, .root = root,
	                            .rootless = geteuid() != 0};
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		bool root_changed = false;
		struct err err;
		int status_fd = open("/proc/self/status", O_RDONLY);
		if (confine_self(&plan, &root_changed, &err) < 0) {
			fprintf(stderr, "%s\n", err.text);
			_exit(200);
		}
		if (!root_changed)
			fprintf(stderr, "%s\n", err.text);
		_exit(fn(root_changed, status_fd));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool status_has(const char *status, const char *line)
{
	return strstr(status, line) != NULL;
}

static int check_rights(bool root_changed _unused_, int status_fd)
{
	char status[4096];
	ssize_t n = pread(status_fd, status, sizeof(status) - 1, 0);

	if (n <= 0)
		return 1;
	status[n] = '\0';
	if (!status_has(status, "NoNewPrivs:\t1\n") || !status_has(status, "Seccomp:\t2\n"))
		return 2;
	if (!status_has(status, "CapPrm:\t0000000000000000\n") || !status_has(status, "CapEff:\t0000000000000000\n"))
		return 3;
	if (geteuid() == UID && !status_has(status, "CapBnd:\t0000000000000000\n"))
		return 4;
	return geteuid() == 0 ? 5 : 0;
}

static void test_rights(void **state _unused_)
{
	assert_int_equal(confined("front", NULL, check_rights), 0);
	assert_int_equal(confined("store", root_dir, check_rights), 0);
}

static int check_root_dir(bool root_changed, int status_fd _unused_)
{
	int fd = open("/file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (!root_changed)
		return fd < 0 ? 0 : 1; /* then paths are as before, and this one is not ours to write */
	return fd < 0 ? 2 : access("/etc", F_OK) == 0 ? 3 : 0;
}

static void test_own_directory(void **state _unused_)
{
	char path[sizeof(root_dir) + 8];

	assert_int_equal(confined("store", root_dir, check_root_dir), 0);
	snprintf(path, sizeof(path), "%s/file", root_dir);
	unlink(path);
}

static int check_no_paths(bool root_changed _unused_, int status_fd _unused_)
{
	struct stat st;

	if (open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 || errno != ENOSYS)
		return 1;
	return root_changed && stat("/etc", &st) == 0 ? 2 : 0;
}

static void test_no_paths(void **state _unused_)
{
	assert_int_equal(confined("front", NULL, check_no_paths), 0);
}

static void test_failure_is_named(void **state _unused_)
{
	struct confine_plan plan = {.uid = UID, .gid = UID, .policy = "nothing", .rootless = geteuid() != 0};
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct err err;
		int rc = confine_self(&plan, NULL, &err);
		_exit(rc == -ERR_JAIL_FAILED && strstr(err.text, "seccomp") ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rights),
	    cmocka_unit_test(test_own_directory),
	    cmocka_unit_test(test_no_paths),
	    cmocka_unit_test(test_failure_is_named),
	};

	if (!mkdtemp(root_dir))
		return 1;
	if (geteuid() == 0 && chown(root_dir, UID, UID) < 0)
		return 1;
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(root_dir);
	return rc;
}
