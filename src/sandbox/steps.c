/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of the recipe: namespaces, and what the launcher and pid 1 give up. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "confine/creds.h"
#include "confine/landlock.h"
#include "sandbox/jail.h"
#include "sandbox/world.h"

#define FIRST_FD 3
#define SPARE_FD 64 /* above what the places can reach */

int step_cgroup(struct jail_plan *plan)
{
	return cgroup_enter(plan->cgroup);
}

/* The descriptors that a jail is made with get the places from 3 on; everything else is closed. */
int step_descriptors(struct jail_plan *plan)
{
	int *const kept[] = {&plan->launch.channel_fd, &plan->launch.program_fd, &plan->launch.park_fd,
			     &plan->tmpfs_fd, &plan->collect_fd, &plan->launch.cgroup_fds[0],
			     &plan->launch.cgroup_fds[1], &plan->launch.cgroup_fds[2], &plan->launch.cgroup_fds[3]};
	int place = FIRST_FD;

	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		if (*kept[i] >= 0 && (*kept[i] = fcntl(*kept[i], F_DUPFD_CLOEXEC, SPARE_FD)) < 0)
			return -1;
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		if (*kept[i] < 0)
			continue;
		if (dup3(*kept[i], place, O_CLOEXEC) < 0)
			return -1;
		*kept[i] = place++;
	}
	if (close_range((unsigned)place, ~0u, 0) < 0)
		return -1;
	_close_ int null_fd = open(WORLD_DEV "/null", O_RDWR | O_CLOEXEC);
	if (null_fd < 0)
		return -1;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (dup2(null_fd, fd) < 0)
			return -1;
	return 0;
}

int step_user_map(struct jail_plan *plan)
{
	return plan->rootless ? creds_map_ids(plan->uid, plan->uid) : 0;
}

/* Of a jail: those that pid 1 makes, and a zygote's child joins. */
static int namespaces(const struct jail_plan *plan)
{
	static const struct {
		unsigned wall;
		int flag;
	} rows[] = {
	    {WALL_IPCNS, CLONE_NEWIPC}, {WALL_UTSNS, CLONE_NEWUTS}, {WALL_NETNS, CLONE_NEWNET},
	    {WALL_CGROUPNS, CLONE_NEWCGROUP},
	};
	int flags = CLONE_NEWNS; /* the spawner's mounts are private, so are the copies */

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!plan_lacks(plan, rows[i].wall))
			flags |= rows[i].flag;
	return flags;
}

int step_namespaces(struct jail_plan *plan)
{
	/* from a cgroup namespace nothing can be moved to what is outside of it: cgroup_namespaces(7) */
	return unshare(namespaces(plan) & (plan->phase == ZYGOTE ? ~CLONE_NEWCGROUP : ~0));
}

int step_join(struct jail_plan *plan)
{
	return setns(plan->pid1_fd, namespaces(plan));
}

int step_hostname(struct jail_plan *plan _unused_)
{
	return sethostname("sandbox", strlen("sandbox"));
}

int step_loopback(struct jail_plan *plan _unused_)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? -1 : ioctl(fd, SIOCSIFFLAGS, &request);
}

/* --- rights --- */

int step_session(struct jail_plan *plan)
{
	sigset_t none;

	if (plan->phase == FORKED) /* the rest is as the zygote began and its interpreter wants it */
		return setsid() < 0 ? -1 : 0;
	/* a compiler sees the launcher in /proc: not the name and path of the server's program */
	memset(program_invocation_name, 0, strlen(program_invocation_name));
	prctl(PR_SET_NAME, "launcher", 0, 0, 0);
	for (int signo = 1; signo < NSIG; signo++)
		signal(signo, SIG_DFL); /* fails for some that are so anyway */
	sigemptyset(&none);
	umask(022);
	return setsid() < 0 ? -1 : sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A soft and a hard limit, lowered to what is allowed where the hard one may not be raised. */
static int set_limit(int resource, rlim_t soft, rlim_t hard)
{
	struct rlimit now, wanted = {soft, hard};

	if (getrlimit(resource, &now) < 0)
		return -1;
	wanted.rlim_max = MIN_OF(hard, now.rlim_max);
	wanted.rlim_cur = MIN_OF(soft, wanted.rlim_max);
	return setrlimit(resource, &wanted);
}

int step_rlimits(struct jail_plan *plan)
{
	const struct {
		int resource;
		rlim_t soft, hard;
	} rows[] = {
	    {RLIMIT_CORE, 1, 1}, /* as 0, and alone keeps core_pattern's program from being started */
	    {RLIMIT_MEMLOCK, 64 * KIB, 64 * KIB},
	    {RLIMIT_MSGQUEUE, 256 * KIB, 256 * KIB}, /* kernel memory that no cgroup counts */
	    {RLIMIT_SIGPENDING, 4096, 4096},	     /* the same; counted per user id */
	    {RLIMIT_NICE, 0, 0},
	    {RLIMIT_RTPRIO, 0, 0},
	    {RLIMIT_STACK, 8 * MIB, RLIM_INFINITY},
	    {RLIMIT_CPU, RLIM_INFINITY, RLIM_INFINITY}, /* the cgroup's sum is the limit */
	    {RLIMIT_AS, RLIM_INFINITY, RLIM_INFINITY}, /* runtimes reserve far more than they use */
	    {RLIMIT_NOFILE, plan->open_files_max, plan->open_files_max},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (set_limit(rows[i].resource, rows[i].soft, rows[i].hard) < 0)
			return -1;
	return 0;
}

/* What making children and entering jails takes: ids and bounding sets for steps, the others for setns(2). */
#define ZYGOTE_CAPABILITIES                                                                        \
	(1ull << CAP_SETGID | 1ull << CAP_SETUID | 1ull << CAP_SETPCAP | 1ull << CAP_SYS_ADMIN |   \
	 1ull << CAP_SYS_CHROOT | 1ull << CAP_SYS_PTRACE)

int step_bounding(struct jail_plan *plan)
{
	return plan->phase == ZYGOTE ? creds_keep_capabilities(ZYGOTE_CAPABILITIES) : creds_drop_bounding();
}

int step_ids(struct jail_plan *plan)
{
	uid_t uid = plan->phase == PID1 ? plan->pid1_uid : plan->uid;

	return plan->rootless ? 0 : creds_set_ids(uid, uid);
}

int step_caps(struct jail_plan *plan _unused_)
{
	return creds_drop_capabilities();
}

int step_nnp(struct jail_plan *plan _unused_)
{
	return creds_no_new_privs();
}

/*
 * Neither of the two can be looked into or traced by anything in the jail; an exec makes the
 * program dumpable again, which one that is not exec'd has to do itself. And pid 1 and zygotes die with
 * the spawner, and everything in the jail with pid 1.
 */
int step_death(struct jail_plan *plan)
{
	if (prctl(PR_SET_DUMPABLE, plan->phase == FORKED, 0, 0, 0) < 0)
		return -1;
	return plan->phase & (LAUNCHER | FORKED) ? 0 : prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

/* Nobody may make device nodes anywhere. */
int step_landlock(struct jail_plan *plan)
{
	static const struct landlock_rule reader[] = {{"/", LANDLOCK_READ}};
	static const struct landlock_rule rules[] = {
	    {"/", LANDLOCK_READ | LANDLOCK_ACCESS_FS_EXECUTE},
	    {"/work", LANDLOCK_WRITE | LANDLOCK_NAMES},
	    {"/home", LANDLOCK_WRITE | LANDLOCK_NAMES},
	    {"/tmp", LANDLOCK_WRITE | LANDLOCK_NAMES},
	    {"/dev/shm", LANDLOCK_WRITE | LANDLOCK_NAMES},
	    {"/dev", LANDLOCK_WRITE | LANDLOCK_IOCTL_DEV},
	    {"/proc", LANDLOCK_ACCESS_FS_WRITE_FILE}, /* comm, oom_score_adj, ... of the program's own */
	};

	return plan->phase == COLLECTOR ? landlock_restrict(reader, ARRAY_LEN(reader))
	                                : landlock_restrict(rules, ARRAY_LEN(rules));
}

int step_seccomp(struct jail_plan *plan)
{
	return creds_install_policy(plan->phase == PID1        ? "pid1"
	                            : plan->phase == COLLECTOR ? "collect"
	                                                       : "run");
}
