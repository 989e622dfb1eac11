/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T40 Every system call number from 0 to 1023 with junk, by syscall and by int 0x80: nothing dies of an unknown one.
 * promise: 1 5
 * request: {"limits": {"wall_time_ms": 20000}}
 * without: SECCOMP -> unknown
 */
#include "../escape.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* Numbers that end or park the caller by their meaning, or that no filter can see. */
static int
is_terminal(long number)
{
	static const long numbers[] = {
		SYS_exit, SYS_exit_group, SYS_pause, SYS_rt_sigreturn, SYS_fork, SYS_vfork, SYS_clone, SYS_rt_sigsuspend,
		335, 336, /* uretprobe, uprobe: the kernel itself lets them past every filter (seccomp.c, since 6.14) */
		SYS_kill, SYS_tkill, SYS_tgkill, SYS_close, SYS_close_range, SYS_munmap, SYS_select, SYS_restart_syscall,
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (numbers[i] == number)
			return 1;
	}
	return 0;
}

/* One call in a child of its own: 0 or errno; 1000 + signal if it died, 2000 if it had to be ended. */
static int
outcome(long number, unsigned long junk)
{
	int status;
	pid_t child = fork();

	if (child < 0)
		return 3000;
	if (child == 0) {
		alarm(1);
		errno = 0;
		_exit(syscall(number, junk, junk, junk, junk, junk, junk) == -1 ? errno : 0);
	}
	waitpid(child, &status, 0);
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGALRM ? 2000 : 1000 + WTERMSIG(status);
	return WEXITSTATUS(status);
}

int
main(void)
{
	static const unsigned long junks[] = { ~0ul, 0x4141414141414141ul, 1 };
	int calls = 0, refusals = 0, killed = 0, waited = 0;

	for (long number = 0; number < 1024; number++) {
		for (size_t i = 0; i < sizeof(junks) / sizeof(junks[0]) && !is_terminal(number); i++) {
			int got = outcome(number, junks[i]);

			calls++;
			refusals += got == ENOSYS || got == EPERM;
			waited += got == 2000;
			killed += got == 1000 + SIGSYS;
			if (number > 480 && got != ENOSYS && got != EPERM && got < 2000)
				escaped("unknown number %ld answers %d", number, got);
			/* Numbers between those that x86-64 gives out, and old ones that it never had. */
			if (number > 335 && number < 424 && got != ENOSYS && got != EPERM && got < 2000)
				escaped("unknown number %ld answers %d", number, got);
			if (number == SYS_bpf && got != ENOSYS && got != EPERM)
				escaped("unknown to the policy: bpf answers %d", got);
			if (got == 1000 + SIGSYS)
				escaped("number %ld kills instead of failing", number);
		}
	}
	printf("calls %d refused %d killed %d waited %d\n", calls, refusals, killed, waited);
	return verdict("junk meets errno");
}
