/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T39 T45 mount, umount, remounting the image writable, also from inside a user namespace.
 * promise: 1
 * without: SECCOMP,LANDLOCK -> mount
 * needs: userns
 */
#include "../escape.h"

#include <sched.h>
#include <sys/mount.h>

static void
try_mounts(const char *where)
{
	char what[64];

	snprintf(what, sizeof(what), "mount tmpfs %s", where);
	filtered(mount("none", "/tmp", "tmpfs", 0, NULL), what);
	snprintf(what, sizeof(what), "mount proc %s", where);
	filtered(mount("proc", "/tmp", "proc", 0, NULL), what);
	snprintf(what, sizeof(what), "remount / writable %s", where);
	filtered(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL), what);
	snprintf(what, sizeof(what), "bind mount %s", where);
	filtered(mount("/usr", "/tmp", NULL, MS_BIND, NULL), what);
	snprintf(what, sizeof(what), "umount %s", where);
	refused(umount2("/proc", MNT_DETACH), what);
}

int
main(void)
{
	try_mounts("as is");
	unshare(CLONE_NEWUSER | CLONE_NEWNS);
	try_mounts("in a user namespace");
	return verdict("nothing can be mounted");
}
