/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "runtime/probe.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"

#define PROBE_TIME_NS (5 * NS_PER_SEC) /* a server waits for it when it starts */
#define PROBE_IMAGE_TIME_NS                                                                        \
	(60 * NS_PER_SEC) /* a build on a busy machine must not fail at its end */
#define PROBE_OUTPUT_BYTES 4096
#define PROBE_ARGV_MAX	   32

/* --- is it there --- */

/* Links are followed as they will be in a jail, where root is "/". */
static bool present(const char *program, const char *root)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
	_close_ int root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_close_ int fd = (int)syscall(SYS_openat2, root_fd, program, &how, sizeof(how));

	return fd >= 0;
}

/*
 * A program on the host must lead into /usr in the end, because that is all of the host that a jail
 * shows. In an image every place will do.
 */
static bool installed(const char *program, const char *root)
{
	if (strcmp(root, "/") != 0)
		return present(program, root);
	_free_ char *real = realpath(program, NULL);
	return real && strncmp(real, "/usr/", 5) == 0 && access(real, X_OK) == 0;
}

/* Programs that the run itself brings ("/work/{out}") are nobody's to install. */
static bool command_installed(char *const *argv, unsigned argc, const char *root)
{
	return argc == 0 || strchr(argv[0], '{') || installed(argv[0], root);
}

static bool variant_installed(const struct manifest_variant *m, const char *root)
{
	return command_installed(m->compile, m->compile_count, root) &&
	       command_installed(m->run, m->run_count, root) &&
	       (!m->probe || installed(m->probe->argv[0], root));
}

/* --- running it --- */

static int spawn_to_pipe(pid_t *ret_pid, char *const *argv, int out)
{
	static char *const bare_env[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
					 NULL};
	posix_spawn_file_actions_t actions;
	int rc = posix_spawn_file_actions_init(&actions);

	if (rc != 0)
		return rc;
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO);
	rc = posix_spawn(ret_pid, argv[0], &actions, NULL, argv, bare_env);
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

/* Until end of file, a full buffer or the deadline. */
static bool read_until(int fd, char *out, size_t cap, uint64_t deadline_ns)
{
	size_t len = 0;

	while (len < cap - 1) {
		uint64_t now = clock_now_ns();
		struct pollfd pollfd = {.fd = fd, .events = POLLIN};
		if (now >= deadline_ns)
			return false;
		int ready = poll(&pollfd, 1, (int)((deadline_ns - now) / NS_PER_MS) + 1);
		if (ready < 0 && errno != EINTR)
			return false;
		if (ready <= 0)
			continue;
		ssize_t n = read(fd, out + len, cap - 1 - len);
		if (n < 0 && errno != EINTR)
			return false;
		if (n == 0)
			break;
		len += n > 0 ? (size_t)n : 0;
	}
	out[len] = '\0';
	return true;
}

static bool run(char *const *argv, uint64_t time_ns, char *out, size_t cap)
{
	int ends[2], status = 0;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	int rc = spawn_to_pipe(&pid, argv, ends[1]);
	fd_close(ends[1]);
	bool done = rc == 0 && read_until(ends[0], out, cap, clock_now_ns() + time_ns);
	fd_close(ends[0]);
	if (rc != 0)
		return false;
	if (!done)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return done && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* --- what it says --- */

static bool pick_version(char out[static PROBE_VERSION_BYTES], const char *text, const char *after)
{
	const char *at = after ? strstr(text, after) : text;
	size_t len = 0;

	if (!at)
		return false;
	at += after ? strlen(after) : 0;
	while (isalnum((unsigned char)at[len]) || (at[len] && strchr(".+-_~", at[len])))
		len++;
	if (!isdigit((unsigned char)at[0]) || len >= PROBE_VERSION_BYTES)
		return false;
	memcpy(out, at, len);
	out[len] = '\0';
	return true;
}

/* Another root is entered in namespaces of its own, with /proc, by which programs find their own
 * libraries. */
static void probe_argv(char *out[static PROBE_ARGV_MAX], const struct manifest_probe *probe,
		       const char *root, const char *mount_proc)
{
	const char *const enter[] = {"/usr/bin/unshare",
				     "--mount",
				     "--pid",
				     "--fork",
				     "--kill-child",
				     mount_proc,
				     "/usr/sbin/chroot",
				     "--userspec=65534:65534",
				     root};
	unsigned n = 0;

	for (size_t i = 0; strcmp(root, "/") != 0 && i < ARRAY_LEN(enter); i++)
		out[n++] = (char *)enter[i];
	for (unsigned i = 0; i < probe->argv_count; i++)
		out[n++] = probe->argv[i];
	out[n] = NULL;
}

int probe_version(char out[static PROBE_VERSION_BYTES], const struct manifest *manifest,
		  const struct manifest_variant *variant, const char *root, struct err *err)
{
	char text[PROBE_OUTPUT_BYTES] = "", *argv[PROBE_ARGV_MAX];
	_free_ char *mount_proc = NULL;

	if (!variant_installed(variant, root))
		return err_field(err, ERR_NOT_FOUND, manifest->id, "%s is not installed in %s.",
				 manifest->name, root);
	if (!variant->probe) {
		snprintf(out, PROBE_VERSION_BYTES, "%s", variant->version);
		return 0;
	}
	if (asprintf(&mount_proc, "--mount-proc=%s/proc", root) < 0) {
		mount_proc = NULL;
		return err_set(err, ERR_NO_MEMORY, "Out of memory.");
	}
	probe_argv(argv, variant->probe, root, mount_proc);
	uint64_t time_ns = strcmp(root, "/") == 0 ? PROBE_TIME_NS : PROBE_IMAGE_TIME_NS;
	if (run(argv, time_ns, text, sizeof(text)) &&
	    pick_version(out, text, variant->probe->after))
		return 0;
	text[strcspn(text, "\n")] = '\0';
	return err_field(err, ERR_IMAGE, manifest->id,
			 "%s in %s does not say its version: '%.100s'.", variant->probe->argv[0],
			 root, text);
}
