/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "zfork/threads.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/rseq.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/util.h"
#include "zfork/context.h"
#include "zfork/proc.h"
#include "zfork/robust.h"
#include "zfork/sys.h"

/*
 * glibc's SIGCANCEL: its sigprocmask(2) lets nobody block it, so it reaches every thread. While a
 * freeze lasts the handler is ours; pthread_cancel(3) of that moment would be lost, but nobody runs
 * who could.
 */
#define FREEZE_SIGNAL 32
#define SA_RESTORER_  0x04000000 /* <asm/signal.h>, which cannot be included beside <signal.h> */

#define THREADS_MAX  256
#define ATTEMPTS_MAX 100
#define PARK_MS                                                                                    \
	200 /* for all to come to the handler: one may be in the kernel, on a busy machine */
#define REST_MS	   2  /* before the next attempt: who was busy may be done */
#define NAME_BYTES 16 /* prctl(2) */

/* <linux/signal.h>, <asm/signal.h>: what rt_sigaction(2) takes. */
struct kernel_action {
	void *handler;
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

struct thread {
	pid_t tid;
	struct context context;
	uintptr_t tls;
	stack_t alternate;
	void *robust_list;
	size_t robust_len;
	char name[NAME_BYTES];
	bool waited;  /* in a system call, as asked for */
	bool foreign; /* not one of the C library's */
};

static struct {
	struct thread threads[THREADS_MAX];
	size_t count;
	atomic_uint attempt; /* threads that are asked by this number stop, until it is another */
	atomic_uint stopped;
	atomic_uint revived;   /* the gate in the copy: opened when all are there */
	atomic_uint restoring; /* in the copy: have not done yet with what is kept of them here */
	struct thread caller;  /* only what fork takes from it */
	struct kernel_action before;
	uint64_t mask_before;
	size_t tid_offset; /* from the thread pointer; 0: not known yet */
} freeze;

static long futex_wait(atomic_uint *word, unsigned value, const struct timespec *limit)
{
	return sys(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, limit);
}

static void futex_wake_all(atomic_uint *word)
{
	sys(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX);
}

static uintptr_t thread_pointer(void)
{
	return (uintptr_t)__builtin_thread_pointer();
}

/*
 * struct pthread is not public, and the place of its tid is another in each glibc (0x2d0 in 2.31
 * to 2.41): it is where the caller's id is, behind the header that the ABI fixes. Nothing else
 * there is this number.
 */
int *threads_own_tid(void)
{
	enum { FIRST = 0x200, LAST = 0x400 };
	pid_t tid = (pid_t)sys(SYS_gettid);

	for (size_t at = FIRST; !freeze.tid_offset && at < LAST; at += sizeof(tid))
		if (*(pid_t *)(thread_pointer() + at) == tid)
			freeze.tid_offset = at;
	return freeze.tid_offset ? (int *)(thread_pointer() + freeze.tid_offset) : NULL;
}

/* --- in each thread --- */

/*
 * The system calls that a thread at rest may be about to make again: a signal handler with
 * SA_RESTART sets it back to its `syscall` instruction (signal(7)). One that has not been there
 * before looks the same, and is as good: from here on it would only have waited.
 */
static bool is_waiting_call(long number)
{
	static const short calls[] = {SYS_futex,   SYS_read,   SYS_readv,   SYS_wait4,
				      SYS_waitid,  SYS_accept, SYS_accept4, SYS_recvfrom,
				      SYS_recvmsg, SYS_flock};

	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		if (calls[i] == number)
			return true;
	return false;
}

/* Interrupted in a system call that has to be repeated, or was ended for the signal: it was
 * waiting. */
static bool was_waiting(const ucontext_t *at)
{
	static const uint8_t instruction[] = {0x0f, 0x05}; /* syscall */
	const uint8_t *pc = (const uint8_t *)at->uc_mcontext.gregs[REG_RIP];
	long rax = at->uc_mcontext.gregs[REG_RAX];

	return (rax == -EINTR &&
		memcmp(pc - sizeof(instruction), instruction, sizeof(instruction)) == 0) ||
	       (is_waiting_call(rax) && memcmp(pc, instruction, sizeof(instruction)) == 0);
}

static void save_state(struct thread *thread, const ucontext_t *at)
{
	thread->tls = thread_pointer();
	thread->waited = was_waiting(at);
	thread->foreign = *(pid_t *)(thread->tls + freeze.tid_offset) != thread->tid;
	sys(SYS_sigaltstack, NULL, &thread->alternate);
	sys(SYS_get_robust_list, 0, &thread->robust_list, &thread->robust_len);
	sys(SYS_prctl, PR_GET_NAME, thread->name);
}

/*
 * rseq(2) is forgotten by the kernel at clone with CLONE_VM, and the C library has it for the
 * thread's life: sched_getcpu(3) and tcmalloc-like allocators read what it writes.
 */
static void register_rseq(void)
{
	enum { LEN_MIN = 32 }; /* what glibc registers, whatever __rseq_size says of it */
	struct rseq *area = (struct rseq *)(thread_pointer() + (uintptr_t)__rseq_offset);

	if (!__rseq_size)
		return;
	area->cpu_id = (uint32_t)RSEQ_CPU_ID_UNINITIALIZED;
	if (sys(SYS_rseq, area, MAX_OF(__rseq_size, LEN_MIN), 0, RSEQ_SIG) < 0)
		area->cpu_id = (uint32_t)RSEQ_CPU_ID_REGISTRATION_FAILED;
}

/* What the kernel knows of a thread and clone(2) does not copy. */
static void restore_state(struct thread *thread)
{
	if (!(thread->alternate.ss_flags & SS_DISABLE)) {
		thread->alternate.ss_flags &= ~SS_ONSTACK;
		sys(SYS_sigaltstack, &thread->alternate, NULL);
	}
	if (thread->robust_list)
		sys(SYS_set_robust_list, thread->robust_list, thread->robust_len);
	sys(SYS_prctl, PR_SET_NAME, thread->name);
	register_rseq();
}

static void wait_for_change(atomic_uint *word, unsigned value)
{
	while (atomic_load(word) == value)
		futex_wait(word, value, NULL);
}

/*
 * Asked to stop: saves itself and waits. It runs a second time, from context_save() on, in the
 * copy. The signal's value says for which attempt it was sent: one that comes late is of no
 * meaning.
 */
static void stop_here(int number _unused_, siginfo_t *info, void *at)
{
	uintptr_t ticket = (uintptr_t)info->si_value.sival_ptr;
	unsigned attempt = (unsigned)(ticket >> 32);
	struct thread *thread = &freeze.threads[(uint32_t)ticket];

	if (info->si_code != SI_QUEUE || atomic_load(&freeze.attempt) != attempt)
		return;
	save_state(thread, at);
	if (context_save(&thread->context) != 0) {
		restore_state(thread);
		wait_for_change(&freeze.revived, 0);
		atomic_fetch_sub(&freeze.restoring, 1);
		futex_wake_all(&freeze.restoring);
		return;
	}
	atomic_fetch_add(&freeze.stopped, 1);
	futex_wake_all(&freeze.stopped);
	wait_for_change(&freeze.attempt, attempt);
}

/* --- in the caller --- */

static void block_signals(void)
{
	uint64_t all = ~0ull;

	sys(SYS_rt_sigprocmask, SIG_BLOCK, &all, &freeze.mask_before, sizeof(all));
}

static void restore_signals(void)
{
	sys(SYS_rt_sigaction, FREEZE_SIGNAL, &freeze.before, NULL, sizeof(uint64_t));
	sys(SYS_rt_sigprocmask, SIG_SETMASK, &freeze.mask_before, NULL, sizeof(uint64_t));
}

/* fork keeps all of the calling thread's but this list, which would name its old id. */
static void save_caller(void)
{
	freeze.caller.tid = (pid_t)sys(SYS_gettid);
	sys(SYS_get_robust_list, 0, &freeze.caller.robust_list, &freeze.caller.robust_len);
}

static void restore_caller(void)
{
	robust_change_owner(freeze.caller.robust_list, freeze.caller.tid, (pid_t)sys(SYS_gettid));
	if (freeze.caller.robust_list)
		sys(SYS_set_robust_list, freeze.caller.robust_list, freeze.caller.robust_len);
}

static void take_signal(void)
{
	struct kernel_action action = {
	    .handler = (void *)stop_here,
	    .flags = SA_SIGINFO | SA_RESTART | SA_RESTORER_,
	    .restorer = context_return,
	    .mask = ~0ull,
	};

	sys(SYS_rt_sigaction, FREEZE_SIGNAL, &action, &freeze.before, sizeof(action.mask));
}

/* Asks thread number index of the list. It may be gone: then the next list is without it. */
static bool ask(size_t index, unsigned attempt)
{
	siginfo_t info = {.si_signo = FREEZE_SIGNAL, .si_code = SI_QUEUE};

	info.si_value.sival_ptr = (void *)((uintptr_t)attempt << 32 | index);
	return sys(SYS_rt_tgsigqueueinfo, getpid(), freeze.threads[index].tid, FREEZE_SIGNAL,
		   &info) == 0;
}

/* All threads but the caller's. Their number, or -1: more than there is place for. */
static ssize_t list(pid_t tids[THREADS_MAX])
{
	pid_t own = (pid_t)sys(SYS_gettid);
	ssize_t count = proc_numbers("/proc/self/task", tids, THREADS_MAX), kept = 0;

	for (ssize_t i = 0; i < count; i++)
		if (tids[i] != own)
			tids[kept++] = tids[i];
	return count < 0 ? -1 : kept;
}

static bool wait_for_all(unsigned asked)
{
	uint64_t end_ns = clock_now_ns() + PARK_MS * NS_PER_MS;
	struct timespec limit = {.tv_nsec = 5 * NS_PER_MS};
	unsigned stopped;

	while ((stopped = atomic_load(&freeze.stopped)) < asked && clock_now_ns() < end_ns)
		futex_wait(&freeze.stopped, stopped, &limit);
	return stopped == asked;
}

static bool ask_all(const pid_t *tids, size_t count)
{
	unsigned asked = 0;

	memset(freeze.threads, 0, count * sizeof(freeze.threads[0]));
	for (size_t i = 0; i < count; i++)
		freeze.threads[i].tid = tids[i];
	freeze.count = count;
	atomic_store(&freeze.stopped, 0);
	atomic_store(&freeze.revived, 0);
	unsigned attempt = atomic_fetch_add(&freeze.attempt, 1) + 1;
	for (size_t i = 0; i < count; i++)
		asked += ask(i, attempt);
	return wait_for_all(asked) && asked == count;
}

static void let_go(void)
{
	atomic_fetch_add(&freeze.attempt, 1);
	futex_wake_all(&freeze.attempt);
}

/* None has been made by another before that one stopped. */
static bool is_complete(const pid_t *tids, size_t count)
{
	pid_t now[THREADS_MAX];

	return list(now) == (ssize_t)count && memcmp(now, tids, count * sizeof(*tids)) == 0;
}

/* The first that is not as it has to be, or NULL. */
static const struct thread *find_bad(bool foreign)
{
	for (size_t i = 0; i < freeze.count; i++)
		if (foreign ? freeze.threads[i].foreign : !freeze.threads[i].waited)
			return &freeze.threads[i];
	return NULL;
}

enum outcome { STOPPED, BUSY, FOREIGN, TOO_MANY };

static enum outcome try_to_stop(void)
{
	pid_t tids[THREADS_MAX];
	ssize_t count = list(tids);

	if (count < 0)
		return TOO_MANY;
	if (!ask_all(tids, (size_t)count) || find_bad(false))
		return BUSY;
	if (find_bad(true))
		return FOREIGN;
	return is_complete(tids, (size_t)count) ? STOPPED : BUSY;
}

static int refuse(enum outcome outcome, const char *name, struct err *err)
{
	restore_signals();
	if (outcome == BUSY)
		return err_set(err, ERR_AGAIN, "Thread %.16s does not come to rest.", name);
	if (outcome == FOREIGN)
		return err_set(err, ERR_NOT_IMPLEMENTED,
			       "Thread %.16s is not one of the C library's.", name);
	return err_set(err, ERR_NOT_IMPLEMENTED, "There are more than %d threads.", THREADS_MAX);
}

int threads_stop(struct err *err)
{
	struct timespec rest = {.tv_nsec = REST_MS * NS_PER_MS};
	enum outcome outcome = BUSY;
	char name[NAME_BYTES] = "?";

	block_signals();
	for (unsigned left; (left = atomic_load(&freeze.restoring)) != 0;)
		wait_for_change(&freeze.restoring, left);
	take_signal();
	save_caller();
	for (int attempt = 0; outcome == BUSY && attempt < ATTEMPTS_MAX; attempt++) {
		if (attempt > 0)
			sys(SYS_nanosleep, &rest, NULL);
		outcome = try_to_stop();
		if (outcome == STOPPED)
			return 0;
		const struct thread *bad = find_bad(outcome == FOREIGN);
		if (bad)
			memcpy(name, bad->name, sizeof(name));
		let_go();
	}
	return refuse(outcome, name, err);
}

void threads_resume(void)
{
	let_go();
	restore_signals();
}

/* It has the memory of one that was there before, and another id. */
static int revive(struct thread *thread)
{
	const unsigned long flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
				    CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS |
				    CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
	int *tid = (int *)(thread->tls + freeze.tid_offset);
	long rc = context_clone(flags, &thread->context, tid, thread->tls);

	if (rc < 0) {
		errno = (int)-rc;
		return -1;
	}
	robust_change_owner(thread->robust_list, thread->tid, (pid_t)rc);
	return 0;
}

int threads_revive(void)
{
	atomic_store(&freeze.restoring, (unsigned)freeze.count);
	for (size_t i = 0; i < freeze.count; i++)
		if (revive(&freeze.threads[i]) < 0)
			return -1;
	restore_caller();
	atomic_store(&freeze.revived, 1);
	futex_wake_all(&freeze.revived);
	restore_signals();
	return 0;
}
