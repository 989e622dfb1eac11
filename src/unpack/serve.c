/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "unpack/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/util.h"

#define HEAD_BYTES  64 /* engine/resident_frame.h */
#define TOKEN_BYTES 32
#define CHUNK_BYTES (64 * KIB)
#define KILL_AFTER_S 1 /* from the interrupt to the kill, of its process group alone */
#define EXIT_NOT_STARTED 126
#define EXIT_OF_SIGNAL   128 /* as shells say it: POSIX.1-2017 XCU 2.8.2 */

static struct {
	const struct unpack *unpack;
	int work_fd, requests_fd, answers_fd;
} server;

static volatile sig_atomic_t program; /* its process group; 0: none runs */
static volatile sig_atomic_t interrupted;

static void on_interrupt(int signo)
{
	int saved = errno;

	if (program) {
		interrupted = 1;
		kill(-program, signo == SIGALRM ? SIGKILL : SIGINT);
		alarm(KILL_AFTER_S);
	}
	errno = saved;
}

/* --- requests --- */

static void read_all(char *out, size_t len)
{
	while (len) {
		ssize_t n = read(server.requests_fd, out, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(0); /* there is no server any more */
		out += n;
		len -= (size_t)n;
	}
}

/* So many bytes of the request into a file; what cannot be written is read all the same. */
static int copy_into(int fd, size_t len)
{
	static char bytes[CHUNK_BYTES];
	int rc = fd < 0 ? -1 : 0;

	while (len) {
		size_t part = MIN_OF(len, sizeof(bytes));
		read_all(bytes, part);
		if (rc == 0)
			rc = fd_write_all(fd, bytes, part) < 0 ? -1 : 0;
		len -= part;
	}
	return rc;
}

/* A new file each time: what the last program has made of it, a link perhaps, is taken away first. */
static int place_code(size_t len)
{
	const char *name = server.unpack->header->artefact;

	unlinkat(server.work_fd, name, 0);
	_close_ int fd = unpack_create(server.work_fd, name, 0755);
	return copy_into(fd, len);
}

/* A file, at its beginning. */
static int place_stdin(size_t len)
{
	int fd = memfd_create("stdin", MFD_CLOEXEC);

	if (copy_into(fd, len) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return fd_close(fd);
	return fd;
}

/* --- a program --- */

_noreturn_ static void become_program(int stdin_fd)
{
	const struct unpack *unpack = server.unpack;

	signal(PAYLOAD_INTERRUPT, SIG_DFL);
	signal(SIGALRM, SIG_DFL);
	setsid();
	if (fchdir(server.work_fd) == 0 && dup2(stdin_fd, STDIN_FILENO) == STDIN_FILENO)
		execve(unpack->argv[0], unpack->argv, unpack->envp);
	dprintf(STDERR_FILENO, "sandglass: cannot execute %s: %s\n", unpack->argv[0], strerror(errno));
	_exit(EXIT_NOT_STARTED);
}

/* Its exit code. */
static int run_program(int stdin_fd)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		become_program(stdin_fd);
	if (pid < 0)
		return EXIT_NOT_STARTED;
	program = pid;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	program = 0;
	alarm(0);
	return WIFSIGNALED(status) ? EXIT_OF_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

static void answer(int exit_code)
{
	const char *outcome = interrupted ? "interrupted" : exit_code ? "error" : "ok";
	char token[TOKEN_BYTES + 1] = "";

	read_all(token, TOKEN_BYTES);
	token[strcspn(token, " \n")] = '\0';
	dprintf(server.answers_fd, "%s %s %d 0\n", token, outcome, exit_code);
}

static void serve_one(void)
{
	char head[HEAD_BYTES + 1] = "";
	size_t code_bytes, stdin_bytes;
	int exit_code = EXIT_NOT_STARTED;

	read_all(head, HEAD_BYTES);
	if (sscanf(head, "execute %zu %zu", &code_bytes, &stdin_bytes) != 2)
		_exit(1);
	interrupted = 0;
	int rc = place_code(code_bytes);
	_close_ int stdin_fd = place_stdin(stdin_bytes);
	if (rc == 0 && stdin_fd >= 0)
		exit_code = run_program(stdin_fd);
	unlinkat(server.work_fd, server.unpack->header->artefact, 0);
	answer(exit_code);
}

void serve(const struct unpack *unpack, int work_fd)
{
	struct sigaction interrupt = {.sa_handler = on_interrupt};

	server.unpack = unpack;
	server.work_fd = work_fd;
	server.requests_fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, PAYLOAD_CONTROL_FD + 1);
	server.answers_fd = PAYLOAD_CONTROL_FD;
	sigaction(PAYLOAD_INTERRUPT, &interrupt, NULL);
	sigaction(SIGALRM, &interrupt, NULL);
	if (server.requests_fd < 0 || fcntl(server.answers_fd, F_SETFD, FD_CLOEXEC) < 0)
		_exit(1);
	for (;;)
		serve_one();
}
