/* SPDX-License-Identifier: Apache-2.0 */
/* The names that results carry. */
#include <signal.h>

#include "engine/job.h"

static const char *const status_names[RUN_STATUS_COUNT] = {
#define X(name, wire) [RUN_STATUS_##name] = wire,
#include "engine/result.def"
#undef X
};

const char *run_status_name(enum run_status status)
{
	return status < RUN_STATUS_COUNT ? status_names[status] : "unknown";
}

/* Every signal with a name on Linux (signal(7)); the rest, real-time ones, go by number. */
#define NAMED(name) [name] = #name

static const char *const signal_names[] = {
    NAMED(SIGHUP),    NAMED(SIGINT),   NAMED(SIGQUIT), NAMED(SIGILL),  NAMED(SIGTRAP),
    NAMED(SIGABRT),   NAMED(SIGBUS),   NAMED(SIGFPE),  NAMED(SIGKILL), NAMED(SIGUSR1),
    NAMED(SIGSEGV),   NAMED(SIGUSR2),  NAMED(SIGPIPE), NAMED(SIGALRM), NAMED(SIGTERM),
    NAMED(SIGCHLD),   NAMED(SIGCONT),  NAMED(SIGSTOP), NAMED(SIGTSTP), NAMED(SIGTTIN),
    NAMED(SIGTTOU),   NAMED(SIGURG),   NAMED(SIGXCPU), NAMED(SIGXFSZ), NAMED(SIGVTALRM),
    NAMED(SIGPROF),   NAMED(SIGWINCH), NAMED(SIGIO),   NAMED(SIGPWR),  NAMED(SIGSYS),
#ifdef SIGSTKFLT
    NAMED(SIGSTKFLT),
#endif
};

#define TEN(n)                                                                                     \
	"SIG" n "0", "SIG" n "1", "SIG" n "2", "SIG" n "3", "SIG" n "4", "SIG" n "5", "SIG" n "6", \
	    "SIG" n "7", "SIG" n "8", "SIG" n "9"

static const char *const numbered[] = {TEN(""),	  TEN("1"),  TEN("2"), TEN("3"), TEN("4"),
				       TEN("5"),  TEN("6"),  TEN("7"), TEN("8"), TEN("9"),
				       TEN("10"), TEN("11"), TEN("12")};

const char *signal_name(int signal)
{
	size_t number = (size_t)signal;

	if (signal > 0 && number < ARRAY_LEN(signal_names) && signal_names[number])
		return signal_names[number];
	return signal > 0 && number < ARRAY_LEN(numbered) ? numbered[number] : "unknown";
}
