/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "confine/creds.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/util.h"

#include "policy_front.h"
#include "policy_collect.h"
#include "policy_fetcher.h"
#include "policy_pid1.h"
#include "policy_run.h"
#include "policy_courier.h"
#include "policy_store.h"

int creds_drop_bounding(void)
{
	/* The kernel knows its last capability: one past it is EINVAL. */
	for (unsigned long cap = 0; prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0; cap++)
		;
	if (errno != EINVAL)
		return -1;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return -1;
	/* Uid 0 means nothing any more, and none of this can be undone. */
	return prctl(PR_SET_SECUREBITS,
		     SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
			 SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
			 SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED,
		     0, 0, 0);
}

int creds_set_ids(uid_t uid, gid_t gid)
{
	/* Of this thread only: the C library's functions would ask the others, which a forked process has lost. */
	if (syscall(SYS_setgroups, 0, NULL) < 0 || syscall(SYS_setresgid, gid, gid, gid) < 0)
		return -1;
	return (int)syscall(SYS_setresuid, uid, uid, uid);
}

static int set_capabilities(uint64_t set)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {
	    {.effective = (uint32_t)set, .permitted = (uint32_t)set},
	    {.effective = (uint32_t)(set >> 32), .permitted = (uint32_t)(set >> 32)},
	};

	return (int)syscall(SYS_capset, &header, data);
}

int creds_drop_capabilities(void)
{
	return set_capabilities(0);
}

int creds_keep_capabilities(uint64_t keep)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (!(keep >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			return -1;
	if (syscall(SYS_capget, &header, data) < 0)
		return -1;
	return set_capabilities(keep & (data[0].permitted | (uint64_t)data[1].permitted << 32));
}

int creds_no_new_privs(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

int creds_install_policy(const char *name)
{
#define POLICY(p) {#p, {ARRAY_LEN(policy_##p), (struct sock_filter *)policy_##p}}
	static const struct {
		const char *name;
		struct sock_fprog program;
	} policies[] = {POLICY(front), POLICY(store), POLICY(courier), POLICY(fetcher),
			POLICY(pid1), POLICY(collect), POLICY(run)};
#undef POLICY

	for (size_t i = 0; i < ARRAY_LEN(policies); i++)
		if (strcmp(policies[i].name, name) == 0)
			return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0,
					    &policies[i].program);
	errno = ENOENT;
	return -1;
}

int creds_map_ids(uid_t uid, gid_t gid)
{
	char uid_map[48], gid_map[48];

	snprintf(uid_map, sizeof(uid_map), "%u %u 1", uid, uid);
	snprintf(gid_map, sizeof(gid_map), "%u %u 1", gid, gid);
	return fd_write_file_at(AT_FDCWD, "/proc/self/setgroups", "deny") < 0 ||
	       fd_write_file_at(AT_FDCWD, "/proc/self/uid_map", uid_map) < 0 ||
	       fd_write_file_at(AT_FDCWD, "/proc/self/gid_map", gid_map) < 0 ? -1 : 0;
}

int creds_enter_root(const char *path)
{
	/*
	 * With both arguments "." the old root ends up on top of the new one, and is then
	 * unmounted.
	 */
	if (chdir(path) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 ||
	    umount2(".", MNT_DETACH) < 0)
		return -1;
	return chdir("/");
}
