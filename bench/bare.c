/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bare ROOT FILE NAME WORKERS COUNT PAUSE_US plain|piped COMMAND... [then COMMAND...]
 *
 * The reference: starts the same program of the same image on the same file, with no jail, COUNT
 * times in all by WORKERS processes side by side: posix_spawn, wait; with `piped` its stdout and
 * stderr are read to their end through pipes, as a server must. FILE is copied to /work/NAME of a
 * tmpfs. PAUSE_US is slept before each start.
 *
 * To run the very same binaries and libraries it changes its root to ROOT, in a mount namespace of
 * its own so that nothing of this is seen outside; the programs themselves are not confined in any
 * way.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

#define COMMANDS_MAX 4

static char *const environment[] = {
    "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/tmp", "LANG=C.UTF-8", "TMPDIR=/tmp", "USER=sandbox",
    "PYTHONDONTWRITEBYTECODE=1",	 NULL};

struct bare {
	char **commands[COMMANDS_MAX];
	size_t command_count;
	useconds_t pause_us;
	int piped;
};

/* --- the image as our root --- */

static void copy_file(const char *from, const char *to)
{
	char block[65536];
	FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");

	if (!in || !out)
		DIE("cannot copy %s to %s: %m", from, to);
	for (size_t n; (n = fread(block, 1, sizeof(block), in)) > 0;)
		fwrite(block, 1, n, out);
	fclose(in);
	if (fclose(out) != 0 || chmod(to, 0755) < 0)
		DIE("cannot write %s: %m", to);
}

static void bind(const char *from, const char *to, unsigned long flags)
{
	if (mkdir(to, 0755) < 0 || mount(from, to, NULL, MS_BIND | MS_REC, NULL) < 0 ||
	    (flags && mount(NULL, to, NULL, MS_BIND | MS_REMOUNT | flags, NULL) < 0))
		DIE("cannot bind %s: %m", to);
}

/* /bin, /lib and the like are symbolic links to /usr in an image. */
static void copy_links(const char *root, const char *to)
{
	static const char *const names[] = {"bin", "lib", "lib64", "sbin"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char from[4096], link[256], path[4096];
		snprintf(from, sizeof(from), "%s/%s", root, names[i]);
		snprintf(path, sizeof(path), "%s/%s", to, names[i]);
		ssize_t n = readlink(from, link, sizeof(link) - 1);
		if (n < 0)
			continue;
		link[n] = '\0';
		if (symlink(link, path) < 0)
			DIE("cannot link %s: %m", path);
	}
}

static void enter_root(const char *root, const char *file, const char *name)
{
	static const char *const ours[] = {"/proc", "/dev"}, *const images[] = {"/usr", "/etc", "/var", "/opt"};
	size_t count = sizeof(images) / sizeof(*images);
	const char *top = "/mnt";
	char from[4096], to[4096];

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", top, "tmpfs", 0, NULL) < 0)
		DIE("cannot make a file system of our own: %m");
	for (size_t i = 0; i < 2; i++) {
		snprintf(to, sizeof(to), "%s%s", top, ours[i]);
		bind(ours[i], to, 0);
	}
	for (size_t i = 0; i < count; i++) {
		snprintf(from, sizeof(from), "%s%s", root, images[i]);
		snprintf(to, sizeof(to), "%s%s", top, images[i]);
		bind(from, to, MS_RDONLY); /* no caches that only the reference would have */
	}
	copy_links(root, top);
	snprintf(to, sizeof(to), "%s/tmp", top);
	mkdir(to, 01777);
	snprintf(to, sizeof(to), "%s/work", top);
	mkdir(to, 0755);
	snprintf(to, sizeof(to), "%s/work/%s", top, name);
	copy_file(file, to);
	if (chroot(top) < 0 || chdir("/work") < 0)
		DIE("cannot enter %s: %m", root);
}

/* --- one run --- */

static void drain(int fd)
{
	char block[65536];

	while (read(fd, block, sizeof(block)) > 0)
		continue;
	close(fd);
}

static void run_command(char **argv, int piped)
{
	posix_spawn_file_actions_t actions;
	int out[2], err[2], status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	if (piped && (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0))
		DIE("pipe2: %m");
	if (piped) {
		posix_spawn_file_actions_adddup2(&actions, out[1], 1);
		posix_spawn_file_actions_adddup2(&actions, err[1], 2);
	} else {
		posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	}
	if (posix_spawn(&pid, argv[0], &actions, NULL, argv, environment) != 0)
		DIE("cannot start %s", argv[0]);
	posix_spawn_file_actions_destroy(&actions);
	if (piped) {
		close(out[1]);
		close(err[1]);
		drain(out[0]);
		drain(err[0]);
	}
	if (waitpid(pid, &status, 0) < 0 || status != 0)
		DIE("%s failed: status %d", argv[0], status);
}

static void work(const struct bare *bare, uint64_t *samples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (bare->pause_us)
			usleep(bare->pause_us);
		uint64_t began_ns = now_ns();
		for (size_t k = 0; k < bare->command_count; k++)
			run_command(bare->commands[k], bare->piped);
		samples[i] = now_ns() - began_ns;
	}
}

static void run_all(const struct bare *bare, size_t workers, size_t count)
{
	size_t each = count / workers, all = each * workers;
	uint64_t *samples = mmap(NULL, all * sizeof(*samples), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t began_ns = now_ns();
	int status;

	if (samples == MAP_FAILED)
		DIE("mmap: %m");
	if (workers == 1) {
		work(bare, samples, each);
	} else {
		for (size_t i = 0; i < workers; i++)
			if (fork() == 0) {
				work(bare, samples + i * each, each);
				_exit(0);
			}
		while (wait(&status) > 0)
			if (status != 0)
				DIE("a worker failed");
	}
	print_samples(now_ns() - began_ns, samples, all);
}

static void read_commands(struct bare *bare, char **argv)
{
	bare->commands[bare->command_count++] = argv;
	for (; *argv; argv++) {
		if (strcmp(*argv, "then") != 0)
			continue;
		if (bare->command_count == COMMANDS_MAX)
			DIE("too many commands");
		*argv = NULL;
		bare->commands[bare->command_count++] = argv + 1;
	}
}

int main(int argc, char **argv)
{
	struct bare bare = {0};

	if (argc < 9)
		DIE("usage: bare ROOT FILE NAME WORKERS COUNT PAUSE_US plain|piped COMMAND... "
		    "[then COMMAND...]");
	bare.pause_us = (useconds_t)strtoul(argv[6], NULL, 10);
	bare.piped = strcmp(argv[7], "piped") == 0;
	read_commands(&bare, argv + 8);
	enter_root(argv[1], argv[2], argv[3]);
	run_all(&bare, strtoul(argv[4], NULL, 10), strtoul(argv[5], NULL, 10));
	return 0;
}
