/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T43 Overwriting what started us through /proc/self/exe or /proc/pid/exe (CVE-2019-5736).
 * promise: 1
 * held: hidepid; the launcher's binary is not in the image
 * plant: yes
 */
#include "../escape.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>

static void
try_exe(const char *pid)
{
	char name[64], target[PATH_MAX];
	ssize_t n;
	int fd;

	snprintf(name, sizeof(name), "/proc/%.20s/exe", pid);
	n = readlink(name, target, sizeof(target) - 1);
	if (n < 0)
		return;
	target[n] = '\0';
	if (strncmp(target, "/work/", 6) != 0 && strncmp(target, "/usr/", 5) != 0)
		escaped("%s shows %s", name, target);
	fd = open(name, O_WRONLY);
	if (fd >= 0)
		escaped("%s (%s) opens for writing", name, target);
}

int
main(int argc, char **argv)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	(void)argv;
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9')
			try_exe(entry->d_name);
	}
	if (argc > 1) /* the planted leak: a program outside /work and /usr, as the server's would be */
		escaped("planted: %s", argv[1]);
	return verdict("no program of the server's can be seen or written");
}
