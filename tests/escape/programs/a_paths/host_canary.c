/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T1 T5 T42 Files of the host that everybody may read, in a dozen places, by name and by every magic link.
 * promise: 1
 * held: the pivot into the image; no build can leave it out
 * relax: {"env": {"ESC_CANARY": "/usr/bin/env"}}
 */
#include "../escape.h"

#include <fcntl.h>
#include <limits.h>

static void
try_read(const char *prefix, const char *path)
{
	char name[PATH_MAX], text[64];
	ssize_t n;
	int fd;

	snprintf(name, sizeof(name), "%s%s", prefix, path);
	fd = open(name, O_RDONLY);
	n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
	if (n > 0)
		escaped("read %s: %.*s", name, (int)strcspn(text, "\n"), text);
	if (fd >= 0)
		close(fd);
}

int
main(void)
{
	static const char *const prefixes[] = {
		"", "/proc/self/root", "/proc/1/root", "/proc/self/cwd/../../../../..", "/proc/1/cwd/../..",
		"/proc/self/task/../root", "/dev/fd/../../root", "/..", "/work/../../../..", "/proc/thread-self/root",
	};
	char *canaries = strdup(given("ESC_CANARY"));

	if (*canaries == '\0')
		return 2;
	for (char *name = strtok(canaries, ":"); name != NULL; name = strtok(NULL, ":")) {
		for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
			try_read(prefixes[i], name);
	}
	return verdict("the host's canary cannot be read");
}
