/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "tools.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wait.h"

#define LIBRARY	    WAIT_PRELOAD PLACE "/wait.so" /* PLACE, where we are, is given by `prepare` */
#define ENTRIES_MAX 64

extern char **environ;

const struct tool tool_none = TOOL_NONE;

static pid_t spawn(const char *program, const char *const *argv, const int fds[3], int wait_fd,
		   char **envp)
{
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return -1;
	for (int i = 0; i < 3; i++)
		if (fds[i] >= 0)
			posix_spawn_file_actions_adddup2(&actions, fds[i], i);
	if (wait_fd >= 0)
		posix_spawn_file_actions_adddup2(&actions, wait_fd, WAIT_FD);
	if (posix_spawn(&pid, program, &actions, NULL, (char *const *)argv, envp) != 0)
		pid = -1;
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static struct tool start_ahead(const char *program, const char *const *argv, const int fds[3],
			       const char *awaited)
{
	static char library[] = LIBRARY;
	char *envp[ENTRIES_MAX + 3], *variable = NULL;
	struct tool tool = TOOL_NONE;
	unsigned count = 0;
	int ends[2];

	while (environ[count] && count < ENTRIES_MAX) {
		envp[count] = environ[count];
		count++;
	}
	if (environ[count] || asprintf(&variable, WAIT_VARIABLE "%s", awaited) < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return tool;
	envp[count] = library;
	envp[count + 1] = variable;
	envp[count + 2] = NULL;
	tool.pid = spawn(program, argv, fds, ends[1], envp);
	tool.wait_fd = ends[0];
	close(ends[1]);
	free(variable);
	return tool;
}

struct tool tool_start(const char *program, const char *const *argv, const int fds[3],
		       const char *awaited)
{
	if (awaited)
		return start_ahead(program, argv, fds, awaited);
	return (struct tool){spawn(program, argv, fds, -1, environ), -1};
}

bool tool_limit(const struct tool *tool)
{
	static const int resources[] = {RLIMIT_NPROC, RLIMIT_NOFILE, RLIMIT_FSIZE};
	struct rlimit limit;
	bool fine = tool->pid > 0;

	for (int i = 0; fine && i < 3; i++)
		fine = getrlimit(resources[i], &limit) == 0 &&
		       prlimit(tool->pid, resources[i], &limit, NULL) == 0;
	return fine;
}

bool tool_go(struct tool *tool, const char *text)
{
	char message[WAIT_TEXT_BYTES] = "", byte;

	if (strlen(text) >= sizeof(message) || !tool_limit(tool))
		return false;
	strcpy(message, text);
	return send(tool->wait_fd, message, sizeof(message), MSG_NOSIGNAL) == sizeof(message) &&
	       recv(tool->wait_fd, &byte, 1, 0) == 1;
}

int tool_wait(struct tool *tool)
{
	int status = -1;

	while (tool->pid > 0 && waitpid(tool->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (tool->wait_fd >= 0)
		close(tool->wait_fd);
	*tool = tool_none;
	return status;
}

void tool_kill(struct tool *tool)
{
	if (tool->pid > 0)
		kill(tool->pid, SIGKILL);
	tool_wait(tool);
}

bool is_silent(int from)
{
	char byte;
	ssize_t n;

	while ((n = read(from, &byte, 1)) < 0 && errno == EINTR)
		;
	return n == 0;
}

void close_pair(int pair[2])
{
	close(pair[0]);
	close(pair[1]);
}

static bool write_all(int fd, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, data, size);
		if (n < 0 && errno != EINTR)
			return false;
		size -= n > 0 ? (size_t)n : 0;
		data += n > 0 ? n : 0;
	}
	return true;
}

size_t forward(int from, size_t skip)
{
	char block[65536];
	size_t came = 0;

	for (ssize_t n; (n = read(from, block, sizeof(block))) != 0;) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		size_t left_out =
		    came < skip ? (skip - came < (size_t)n ? skip - came : (size_t)n) : 0;
		if (!write_all(STDERR_FILENO, block + left_out, (size_t)n - left_out))
			break;
		came += (size_t)n;
	}
	return came;
}
