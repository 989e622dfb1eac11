/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T22 T42 T74 The state that a program is born with: signals, umask, niceness, timers, directory, descriptors.
 * promise: 2
 * held: the session step
 * plant: yes
 */
#include "../escape.h"

#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>

static void
check_signals(void)
{
	sigset_t blocked;

	sigprocmask(SIG_BLOCK, NULL, &blocked);
	for (int sig = 1; sig < 65; sig++) {
		struct sigaction action;

		if (sig == 32 || sig == 33)
			continue;
		if (sigismember(&blocked, sig) == 1)
			escaped("signal %d is blocked", sig);
		if (sigaction(sig, NULL, &action) == 0 && action.sa_handler != SIG_DFL)
			escaped("signal %d is not at its default", sig);
	}
	if (sigpending(&blocked) == 0 && sigisemptyset(&blocked) != 1)
		escaped("a signal is pending");
}

static void
check_process(void)
{
	char cwd[PATH_MAX] = "";
	struct itimerval timer;
	int death_signal = 0;
	mode_t mask = umask(022);

	if (mask != 022)
		escaped("umask is %03o", mask);
	if (getpriority(PRIO_PROCESS, 0) != 0)
		escaped("niceness is %d", getpriority(PRIO_PROCESS, 0));
	if (sched_getscheduler(0) != SCHED_OTHER)
		escaped("the scheduler is not the ordinary one");
	for (int which = ITIMER_REAL; which <= ITIMER_PROF; which++) {
		if (getitimer(which, &timer) == 0 && timer.it_value.tv_sec + timer.it_value.tv_usec != 0)
			escaped("timer %d runs", which);
	}
	if (getcwd(cwd, sizeof(cwd)) == NULL || strcmp(cwd, "/work") != 0)
		escaped("the directory is %s", cwd);
	prctl(PR_GET_PDEATHSIG, &death_signal);
	if (getuid() != geteuid() || getuid() == 0 || getgid() == 0)
		escaped("ids are %d %d %d", getuid(), geteuid(), getgid());
	if (getgroups(0, NULL) > 0)
		escaped("%d supplementary groups", getgroups(0, NULL));
}

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "plant") == 0) {
		/* Proof that the checks see: the same program with one thing of each kind disturbed. */
		char *again[] = { argv[0], NULL };

		umask(0777);
		signal(SIGUSR1, SIG_IGN);
		execv("/proc/self/exe", again);
	}
	check_signals();
	check_process();
	return verdict("born as on a fresh machine");
}
