/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T20 A daemon: double fork, own session, all signals ignored, no parent-death signal, no descriptor kept.
 * promise: 2
 * host: process sgesc-daemon
 * without: PIDNS,CGROUP -> daemon
 * alone_needs: cgroup2
 */
#include "../escape.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void
daemon_body(void)
{
	setsid();
	for (int sig = 1; sig < 65; sig++)
		signal(sig, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, 0);
	prctl(PR_SET_NAME, "sgesc-daemon");
	for (int fd = 0; fd < 64; fd++)
		close(fd);
	if (fork() != 0)
		_exit(0);
	for (int i = 0; i < 120; i++) /* a bound for the day on which nobody kills it */
		sleep(1);
	_exit(0);
}

int
main(void)
{
	pid_t child = fork();

	if (child == 0)
		daemon_body();
	waitpid(child, NULL, 0);
	return verdict("left a daemon behind; the host must not find it");
}
