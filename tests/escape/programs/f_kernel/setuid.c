/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T39 Becoming somebody: setuid and its family, set-user-id files of one's own and of the image.
 * promise: 1
 * without: SECCOMP -> became root
 * needs: userns
 */
#include "../escape.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/fsuid.h>
#include <sys/stat.h>

static void
became(long ret, const char *what)
{
	if (ret == 0)
		escaped("became %s", what);
	else
		printf("refused %s %s\n", what, errno_name(errno));
}

/* Root of a user namespace of one's own, from which all else begins. */
static void
become_root_inside(void)
{
	char text[64];
	uid_t uid = getuid();
	int fd;

	if (unshare(CLONE_NEWUSER) != 0)
		return;
	fd = open("/proc/self/uid_map", O_WRONLY);
	snprintf(text, sizeof(text), "0 %u 1", uid);
	(void)!write(fd, text, strlen(text));
}

int
main(void)
{
	gid_t group = 0;

	become_root_inside();
	became(setresuid(0, 0, 0), "root by setresuid");
	became(setuid(65533), "another user");
	became(setresgid(0, 0, 0), "group root");
	became(setgroups(1, &group), "a member of group root");
	setfsuid(0);
	if (setfsuid((uid_t)-1) == 0)
		escaped("became root for files");
	return verdict("nobody else can be become");
}
