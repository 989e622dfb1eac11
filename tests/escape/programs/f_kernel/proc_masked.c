/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T44 What /proc tells and takes beyond the run's own processes: kernel memory, keys, symbols, timers, sysrq.
 * promise: 1
 * without: PROC_MASK -> (read|listed)
 */
#include "../escape.h"

#include <dirent.h>
#include <fcntl.h>

static void
try_file(const char *name)
{
	char text[64];
	int fd = open(name, O_RDONLY | O_NONBLOCK);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text)) : -1;

	if (n > 0)
		escaped("read %zd bytes of %s", n, name);
	if (fd >= 0)
		close(fd);
}

static void
try_dir(const char *name)
{
	DIR *dir = opendir(name);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.') {
			escaped("listed %s: %s", name, entry->d_name);
			break;
		}
	}
	if (dir != NULL)
		closedir(dir);
}

int
main(void)
{
	static const char *const files[] = {
		"/proc/kcore", "/proc/keys", "/proc/key-users", "/proc/kallsyms", "/proc/kmsg", "/proc/sysrq-trigger",
		"/proc/timer_list", "/proc/sched_debug", "/proc/config.gz", "/proc/iomem", "/proc/ioports", "/proc/slabinfo",
		"/proc/vmallocinfo", "/proc/pagetypeinfo", "/proc/kpagecount", "/proc/kpageflags", "/proc/kpagecgroup",
		"/proc/interrupts", "/proc/modules", "/proc/mtrr", "/proc/latency_stats", "/proc/locks", "/proc/cmdline",
	};
	static const char *const dirs[] = { "/proc/acpi", "/proc/irq", "/proc/bus", "/proc/fs", "/proc/scsi", "/proc/driver" };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		try_file(files[i]);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		try_dir(dirs[i]);
	return verdict("/proc says nothing about the host's kernel");
}
