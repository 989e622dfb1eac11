/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T43 T46 Writing to the image that all runs share: opening, making, renaming, truncating, changing modes.
 * promise: 1 2
 * held: read-only binds, the user id, Landlock
 * plant: yes
 */
#include "../escape.h"

#include <fcntl.h>
#include <sys/stat.h>

/* Harmless when it succeeds: what is made is removed, what is opened is not written to. */
static void
try_make(const char *dir)
{
	char name[256];
	int fd;

	snprintf(name, sizeof(name), "%s/.sandglass-escape", dir);
	fd = open(name, O_CREAT | O_EXCL | O_WRONLY, 0600);
	if (fd >= 0) {
		escaped("made %s", name);
		close(fd);
		unlink(name);
	}
	if (mkdir(name, 0700) == 0) {
		escaped("made directory %s", name);
		rmdir(name);
	}
}

int
main(int argc, char **argv)
{
	static const char *const dirs[] = {
		"/", "/usr", "/usr/bin", "/usr/lib", "/etc", "/lib", "/bin", "/var", "/opt", "/root", "/dev", "/proc",
		"/var/tmp", "/run", "/srv", "/boot", "/sys",
	};
	static const char *const files[] = {
		"/usr/bin/env", "/bin/sh", "/etc/passwd", "/etc/ld.so.cache", "/lib64/ld-linux-x86-64.so.2",
		"/usr/lib/x86_64-linux-gnu/libc.so.6", "/proc/self/exe",
	};

	(void)argv;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		try_make(argc > 1 ? "/tmp" : dirs[i]);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		int fd = open(files[i], O_WRONLY);

		/* The artefact itself lies in the run's own directory: its copy is nobody else's. */
		if (fd >= 0 && strcmp(files[i], "/proc/self/exe") != 0)
			escaped("opened for writing %s", files[i]);
		if (fd >= 0)
			close(fd);
	}
	refused(chmod("/usr/bin/env", 0755), "chmod of the image");
	return verdict("the image cannot be written");
}
