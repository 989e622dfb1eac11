/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "confine/confine.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/util.h"
#include "confine/copies.h"
#include "confine/creds.h"

static int fail(struct err *err, const char *step)
{
	return err_set(err, ERR_JAIL_FAILED, "Cannot give up rights: %s: %s.", step,
		       strerror(errno));
}

/* Mapped to itself, so that files of the state directory keep their owner. */
static int enter_user_namespace(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	return unshare(CLONE_NEWUSER) < 0 ? -1 : creds_map_ids(uid, gid);
}

static int mount_copies(const char *at, const char *const *copies, unsigned long flags)
{
	if (mount("none", at, "tmpfs", flags, "size=8m,nr_inodes=64,mode=0555") < 0 || copies_make(at, copies) < 0)
		return -1;
	return mount(NULL, at, NULL, MS_REMOUNT | flags | MS_RDONLY, NULL);
}

/*
 * The new root as a mount of its own: pivot_root takes nothing else. By its absolute path: "."
 * would go on naming the directory underneath.
 */
static const char *mount_root(const struct confine_plan *plan)
{
	static char path[PATH_MAX];
	/* Any directory serves: it is covered in this mount namespace only. */
	const char *at = plan->root ? realpath(plan->root, path) : "/proc";
	unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;

	if (!at)
		return NULL;
	if (plan->root) {
		if (mount(at, at, NULL, MS_BIND, NULL) < 0)
			return NULL;
		return mount(NULL, at, NULL, MS_BIND | MS_REMOUNT | flags, NULL) < 0 ? NULL : at;
	}
	if (plan->copies)
		return mount_copies(at, plan->copies, flags) < 0 ? NULL : at;
	return mount("none", at, "tmpfs", flags | MS_RDONLY, "size=4k,nr_inodes=1,mode=0555") < 0
	           ? NULL : at;
}

static int change_root(const struct confine_plan *plan)
{
	if (plan->rootless && enter_user_namespace() < 0)
		return -1;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -1;
	const char *at = mount_root(plan);
	return at ? creds_enter_root(at) : -1;
}

static int drop_rights(const struct confine_plan *plan, bool capable, struct err *err)
{
	const struct rlimit none = {0, 0};

	if (setrlimit(RLIMIT_CORE, &none) < 0)
		return fail(err, "core dumps");
	if (capable && creds_drop_bounding() < 0)
		return fail(err, "capability bounding set");
	if (!plan->rootless && creds_set_ids(plan->uid, plan->gid) < 0)
		return fail(err, "user id");
	if (creds_drop_capabilities() < 0)
		return fail(err, "capabilities");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return fail(err, "dumpable");
	if (creds_no_new_privs() < 0)
		return fail(err, "no_new_privs");
	if (creds_install_policy(plan->policy) < 0)
		return fail(err, "seccomp");
	return 0;
}

int confine_self(const struct confine_plan *plan, bool *ret_root_changed, struct err *err)
{
	bool changed = change_root(plan) == 0;
	struct err why = {0};

	if (!changed) {
		fail(&why, "new root");
		why.code = 0;
		if (!plan->rootless)
			return fail(err, "new root");
	}
	/* Without root the bounding set can be dropped only by who owns a user namespace. */
	int rc = drop_rights(plan, changed || !plan->rootless, err);
	if (rc < 0)
		return rc;
	if (err)
		*err = why;
	if (ret_root_changed)
		*ret_root_changed = changed;
	return 0;
}
