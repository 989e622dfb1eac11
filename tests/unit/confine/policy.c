/* SPDX-License-Identifier: Apache-2.0 */
/* What each policy answers: every refusal is tried in a process under the filter. Needs no root. */
#define _GNU_SOURCE
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine/creds.h"

#define UPPER (1l << 32) /* what the kernel does not look at where it takes an int */
#define BAD   (-1l)      /* a descriptor: what passes the filter gets EBADF or another error */

struct call {
	const char *policy;
	long nr, args[4];
	int want; /* errno; 0: anything but EPERM and ENOSYS, the kernel has seen the call */
};

static const struct call calls[] = {
    /* named, because they are dangerous */
    {"run", SYS_ptrace, {0}, EPERM},
    {"run", SYS_process_vm_readv, {0}, EPERM},
    {"run", SYS_process_vm_writev, {0}, EPERM},
    {"run", SYS_kcmp, {0}, EPERM},
    {"run", SYS_pidfd_getfd, {BAD}, EPERM},
    {"run", SYS_userfaultfd, {0}, EPERM},
    {"run", SYS_bpf, {0}, EPERM},
    {"run", SYS_perf_event_open, {0}, EPERM},
    {"run", SYS_io_uring_setup, {1}, EPERM},
    {"run", SYS_io_uring_enter, {BAD}, EPERM},
    {"run", SYS_io_uring_register, {BAD}, EPERM},
    {"run", SYS_add_key, {0}, EPERM},
    {"run", SYS_request_key, {0}, EPERM},
    {"run", SYS_keyctl, {0}, EPERM},
    {"run", SYS_unshare, {0}, EPERM},
    {"run", SYS_setns, {BAD}, EPERM},
    {"run", SYS_mount, {0}, EPERM},
    {"run", SYS_umount2, {0}, EPERM},
    {"run", SYS_pivot_root, {0}, EPERM},
    {"run", SYS_chroot, {0}, EPERM},
    {"run", SYS_open_tree, {BAD}, EPERM},
    {"run", SYS_move_mount, {BAD}, EPERM},
    {"run", SYS_fsopen, {0}, EPERM},
    {"run", SYS_fsmount, {BAD}, EPERM},
    {"run", SYS_fsconfig, {BAD}, EPERM},
    {"run", SYS_fspick, {BAD}, EPERM},
    {"run", SYS_mount_setattr, {BAD}, EPERM},
    {"run", SYS_open_by_handle_at, {BAD}, EPERM},
    {"run", SYS_name_to_handle_at, {BAD}, EPERM},
    {"run", SYS_fanotify_init, {0}, EPERM},
    {"run", SYS_init_module, {0}, EPERM},
    {"run", SYS_finit_module, {BAD}, EPERM},
    {"run", SYS_delete_module, {0}, EPERM},
    {"run", SYS_kexec_load, {0}, EPERM},
    {"run", SYS_reboot, {0}, EPERM},
    {"run", SYS_swapon, {0}, EPERM},
    {"run", SYS_swapoff, {0}, EPERM},
    {"run", SYS_acct, {0}, EPERM},
    {"run", SYS_quotactl, {0}, EPERM},
    {"run", SYS_syslog, {0}, EPERM},
    {"run", SYS_sethostname, {0}, EPERM},
    {"run", SYS_settimeofday, {0}, EPERM},
    {"run", SYS_clock_settime, {0}, EPERM},
    {"run", SYS_adjtimex, {0}, EPERM},
    {"run", SYS_sync, {0}, EPERM},
    {"run", SYS_setxattr, {0}, EOPNOTSUPP},
    {"run", SYS_splice, {BAD}, EINVAL},
    {"run", SYS_tee, {BAD}, EINVAL},
    {"run", SYS_vmsplice, {BAD}, EINVAL},
    /* by their arguments, also with upper halves that the kernel ignores */
    {"run", SYS_clone, {CLONE_NEWUSER}, EPERM},
    {"run", SYS_clone, {CLONE_NEWNS}, EPERM},
    {"run", SYS_clone, {CLONE_NEWNET | CLONE_VM}, EPERM},
    {"run", SYS_clone, {CLONE_NEWUSER | UPPER}, EPERM},
    {"run", SYS_clone, {CLONE_SIGHAND}, 0}, /* passes, and is not valid */
    {"run", SYS_personality, {ADDR_COMPAT_LAYOUT}, EPERM},
    {"run", SYS_personality, {ADDR_COMPAT_LAYOUT | UPPER}, EPERM},
    {"run", SYS_personality, {0xffffffff}, 0},
    {"run", SYS_ioctl, {BAD, TIOCSTI}, EPERM},
    {"run", SYS_ioctl, {BAD, TIOCSTI | UPPER}, EPERM},
    {"run", SYS_ioctl, {BAD, TIOCLINUX}, EPERM},
    {"run", SYS_ioctl, {BAD, TIOCSETD}, EPERM},
    {"run", SYS_ioctl, {BAD, TIOCCONS}, EPERM},
    {"front", SYS_ioctl, {BAD, TIOCSWINSZ}, 0},
    {"front", SYS_ioctl, {BAD, TIOCSTI}, ENOSYS},
    {"front", SYS_ioctl, {BAD, TIOCSETD}, ENOSYS},
    {"run", SYS_ioctl, {BAD, FIONREAD}, 0},
    {"run", SYS_seccomp, {SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER}, EPERM},
    {"run", SYS_seccomp, {SECCOMP_SET_MODE_FILTER, 0}, 0},
    {"run", SYS_setsockopt, {BAD, SOL_SOCKET, SO_ATTACH_FILTER}, EPERM},
    {"run", SYS_setsockopt, {BAD, SOL_SOCKET | UPPER, SO_ATTACH_FILTER | UPPER}, EPERM},
    {"run", SYS_setsockopt, {BAD, SOL_TCP, TCP_ULP}, EPERM},
    {"run", SYS_setsockopt, {BAD, SOL_SOCKET, SO_REUSEADDR}, 0},
    /* socket families and types */
    {"run", SYS_socket, {AF_NETLINK, SOCK_RAW}, EAFNOSUPPORT},
    {"run", SYS_socket, {AF_PACKET, SOCK_DGRAM}, EAFNOSUPPORT},
    {"run", SYS_socket, {AF_VSOCK, SOCK_STREAM}, EAFNOSUPPORT},
    {"run", SYS_socket, {AF_ALG, SOCK_SEQPACKET}, EAFNOSUPPORT},
    {"run", SYS_socket, {AF_RXRPC, SOCK_DGRAM}, EAFNOSUPPORT},
    {"run", SYS_socket, {AF_INET, SOCK_RAW}, EAFNOSUPPORT},
    {"run", SYS_socket, {AF_INET, SOCK_SEQPACKET}, EAFNOSUPPORT},
    {"run", SYS_socket, {AF_INET, SOCK_DGRAM, IPPROTO_ICMP}, EAFNOSUPPORT},
    {"run", SYS_socket, {AF_INET, SOCK_STREAM, IPPROTO_MPTCP}, EAFNOSUPPORT},
    {"run", SYS_socket, {AF_INET | UPPER, SOCK_STREAM}, EAFNOSUPPORT},
    {"run", SYS_socketpair, {AF_INET, SOCK_STREAM}, EAFNOSUPPORT},
    {"run", SYS_socket, {AF_INET, SOCK_STREAM}, 0},
    {"run", SYS_socket, {AF_INET6, SOCK_DGRAM, IPPROTO_UDP}, 0},
    {"run", SYS_socket, {AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK}, 0},
    /* not known: libc falls back */
    {"run", SYS_clone3, {0}, ENOSYS},
    {"run", SYS_io_setup, {0}, ENOSYS},
    {"run", SYS_modify_ldt, {0}, ENOSYS},
    {"run", 1023, {0}, ENOSYS},
#ifdef __x86_64__
    {"run", 0x40000000 | SYS_getpid, {0}, ENOSYS}, /* x32 */
#endif
    /* the front opens, connects and starts nothing */
    /* the courier: connections out, files to be read */
    {"courier", SYS_socket, {AF_INET, SOCK_STREAM | SOCK_CLOEXEC}, 0},
    {"courier", SYS_socket, {AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK}, 0},
    {"courier", SYS_socket, {AF_INET, SOCK_RAW}, EAFNOSUPPORT},
    {"courier", SYS_socket, {AF_UNIX, SOCK_STREAM}, EAFNOSUPPORT},
    {"courier", SYS_socket, {AF_NETLINK, SOCK_RAW}, EAFNOSUPPORT},
    {"courier", SYS_socket, {AF_PACKET, SOCK_RAW}, EAFNOSUPPORT},
    {"courier", SYS_bind, {BAD}, ENOSYS},
    {"courier", SYS_listen, {BAD}, ENOSYS},
    {"courier", SYS_accept4, {BAD}, ENOSYS},
    {"courier", SYS_openat, {BAD, 0, O_RDONLY | O_CLOEXEC}, 0},
    {"courier", SYS_openat, {BAD, 0, O_WRONLY}, ENOSYS},
    {"courier", SYS_openat, {BAD, 0, O_RDWR | O_CREAT}, ENOSYS},
    {"courier", SYS_clone, {SIGCHLD}, ENOSYS},
    {"courier", SYS_clone3, {0}, ENOSYS},
    {"courier", SYS_execve, {0}, ENOSYS},
    {"courier", SYS_unlinkat, {BAD}, ENOSYS},
    {"courier", SYS_kill, {0}, ENOSYS},
    {"courier", SYS_ptrace, {0}, ENOSYS},
    {"courier", SYS_mmap, {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE}, ENOSYS},
    {"courier", SYS_mprotect, {0, 4096, PROT_EXEC}, ENOSYS},
    {"courier", SYS_setsockopt, {BAD, SOL_SOCKET, SO_ATTACH_FILTER}, EPERM},
    {"courier", SYS_setsockopt, {BAD, UPPER | SOL_TCP, TCP_ULP}, EPERM},
    {"courier", SYS_prlimit64, {0, 0, 1}, ENOSYS},
    {"courier", SYS_connect, {BAD}, 0},
    /* the fetcher: the same, and what came, sealed */
    {"fetcher", SYS_socket, {AF_INET, SOCK_STREAM | SOCK_CLOEXEC}, 0},
    {"fetcher", SYS_socket, {AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK}, 0},
    {"fetcher", SYS_socket, {AF_INET, SOCK_RAW}, EAFNOSUPPORT},
    {"fetcher", SYS_socket, {AF_UNIX, SOCK_STREAM}, EAFNOSUPPORT},
    {"fetcher", SYS_socket, {AF_NETLINK, SOCK_RAW}, EAFNOSUPPORT},
    {"fetcher", SYS_socket, {AF_PACKET, SOCK_RAW}, EAFNOSUPPORT},
    {"fetcher", SYS_bind, {BAD}, ENOSYS},
    {"fetcher", SYS_listen, {BAD}, ENOSYS},
    {"fetcher", SYS_accept4, {BAD}, ENOSYS},
    {"fetcher", SYS_openat, {BAD, 0, O_RDONLY | O_CLOEXEC}, 0},
    {"fetcher", SYS_openat, {BAD, 0, O_WRONLY}, ENOSYS},
    {"fetcher", SYS_openat, {BAD, 0, O_RDWR | O_CREAT}, ENOSYS},
    {"fetcher", SYS_clone, {SIGCHLD}, ENOSYS},
    {"fetcher", SYS_clone3, {0}, ENOSYS},
    {"fetcher", SYS_execve, {0}, ENOSYS},
    {"fetcher", SYS_unlinkat, {BAD}, ENOSYS},
    {"fetcher", SYS_kill, {0}, ENOSYS},
    {"fetcher", SYS_ptrace, {0}, ENOSYS},
    {"fetcher", SYS_mmap, {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE}, ENOSYS},
    {"fetcher", SYS_mprotect, {0, 4096, PROT_EXEC}, ENOSYS},
    {"fetcher", SYS_setsockopt, {BAD, SOL_SOCKET, SO_ATTACH_FILTER}, EPERM},
    {"fetcher", SYS_setsockopt, {BAD, UPPER | SOL_TCP, TCP_ULP}, EPERM},
    {"fetcher", SYS_prlimit64, {0, 0, 1}, ENOSYS},
    {"fetcher", SYS_connect, {BAD}, 0},
    {"fetcher", SYS_memfd_create, {0}, 0},
    {"courier", SYS_memfd_create, {0}, ENOSYS},
    {"front", SYS_openat, {BAD}, ENOSYS},
    {"front", SYS_socket, {AF_INET, SOCK_STREAM}, ENOSYS},
    {"front", SYS_connect, {BAD}, ENOSYS},
    {"front", SYS_bind, {BAD}, ENOSYS},
    {"front", SYS_execve, {0}, ENOSYS},
    {"front", SYS_clone, {0}, ENOSYS},
    {"front", SYS_ptrace, {0}, ENOSYS},
    {"front", SYS_prctl, {0}, ENOSYS},
    {"front", SYS_kill, {0}, ENOSYS},
    {"front", SYS_unlinkat, {BAD}, ENOSYS},
    {"front", SYS_mmap, {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE}, ENOSYS},
    {"front", SYS_mprotect, {0, 4096, PROT_EXEC}, ENOSYS},
    {"front", SYS_accept4, {BAD}, 0},
    {"front", SYS_sendmsg, {BAD}, 0},
    {"front", SYS_memfd_create, {0}, 0},
    /* the store has the files of its directory, and no network */
    {"store", SYS_openat, {BAD}, 0},
    {"store", SYS_socket, {AF_UNIX, SOCK_STREAM}, ENOSYS},
    {"store", SYS_accept4, {BAD}, ENOSYS},
    {"store", SYS_execve, {0}, ENOSYS},
    {"store", SYS_clone, {0}, ENOSYS},
    {"store", SYS_mmap, {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE}, ENOSYS},
    /* pid 1 only waits and reports */
    {"collect", SYS_openat, {BAD}, ENOSYS}, /* only openat2, which can be held to a directory */
    {"collect", SYS_socket, {1, 1}, ENOSYS},
    {"collect", SYS_execve, {0}, ENOSYS},
    {"collect", SYS_mmap, {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE}, ENOSYS},
    {"collect", SYS_unlinkat, {BAD}, ENOSYS},
    {"collect", SYS_kill, {0}, ENOSYS},
    {"collect", SYS_getdents64, {BAD}, EBADF},
    {"pid1", SYS_openat, {BAD}, ENOSYS},
    {"pid1", SYS_recvmsg, {BAD}, ENOSYS},
    {"pid1", SYS_mmap, {0}, ENOSYS},
    {"pid1", SYS_kill, {0}, ENOSYS},
    {"pid1", SYS_execve, {0}, ENOSYS},
    {"pid1", SYS_sendmsg, {BAD}, 0},
};

/* Under pid1.policy nothing is allowed that could say more than an exit code: an errno fits into one. */
static int errno_of(const struct call *call)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (creds_no_new_privs() < 0 || creds_install_policy(call->policy) < 0)
			_exit(255);
		long rc = syscall(call->nr, call->args[0], call->args[1], call->args[2], call->args[3], 0, 0);
		_exit(rc < 0 ? errno : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_calls(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		const struct call *call = &calls[i];
		int got = errno_of(call);
		bool good = call->want ? got == call->want : got != EPERM && got != ENOSYS && got != 255;
		if (!good)
			fail_msg("%s: call %ld of row %zu: errno %d (%s), not %d", call->policy, call->nr, i, got,
			         strerror(got), call->want);
	}
}

static void test_unknown_policy(void **state _unused_)
{
	assert_int_equal(creds_install_policy("nothing"), -1);
	assert_int_equal(errno, ENOENT);
}

#if defined(__x86_64__)
/* The 32-bit way into the kernel has other numbers: getpid is 20 there, and 20 is writev here. */
static void test_int80(void **state _unused_)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		long rc = 20;
		if (creds_no_new_privs() < 0 || creds_install_policy("run") < 0)
			_exit(255);
		__asm__ volatile("int $0x80" : "+a"(rc) : : "memory");
		_exit((int)-rc);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	/* a kernel without that way kills instead */
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == ENOSYS);
}
#endif

int main(void)
{
#ifdef __SANITIZE_ADDRESS__
	/* The sanitizer's own run-time calls the kernel from inside the tried processes. */
	puts("skipped: AddressSanitizer makes system calls of its own under the filter");
	return 77;
#endif
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_calls),
	    cmocka_unit_test(test_unknown_policy),
#if defined(__x86_64__)
	    cmocka_unit_test(test_int80),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
