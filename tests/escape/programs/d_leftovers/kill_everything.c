/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T20 T53 Signals to pid 1, to everything (-1), and to the pid of the server on the host.
 * promise: 1 4
 * beside: yes
 * without: PIDNS,UID,LANDLOCK -> signal
 */
#include "../escape.h"

#include <signal.h>
#include <sys/types.h>

int
main(void)
{
	pid_t server = atoi(given("ESC_SERVER_PID")), self = getpid();

	signal(SIGCONT, SIG_IGN);
	/* Signal 0 and SIGCONT do nothing to who gets them: being allowed to send is the escape. */
	if (server > 1 && kill(server, SIGCONT) == 0)
		escaped("signal to the server on the host");
	if (kill(1, SIGKILL) == 0)
		printf("pid 1 of a namespace takes no signal from inside\n");
	if (kill(1, SIGSTOP) == 0)
		printf("nor a stop\n");
	for (pid_t pid = 2; pid < 1 << 22; pid++) { /* PID_MAX_LIMIT */
		if (pid != self && kill(pid, SIGCONT) == 0)
			escaped("signal to process %d", pid);
	}
	kill(-1, SIGCONT);
	return verdict("nobody outside can be signalled");
}
