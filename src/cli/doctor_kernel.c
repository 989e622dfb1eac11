/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel must offer. Each check asks the kernel itself where it can, not its
 * configuration.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/hierarchy.h"
#include "cli/doctor.h"

#define KERNEL_MAJOR_LEAST 5
#define KERNEL_MINOR_LEAST 14 /* cgroup.kill, and what is older that we use */
#define UPGRADE_COMMAND	   "apt-get update && apt-get install --only-upgrade 'linux-image-*' && reboot"

struct kernel_version {
	int major, minor, patch;
	char text[65];
};

static struct kernel_version kernel_version(void)
{
	struct kernel_version version = {0};
	struct utsname name;

	if (uname(&name) == 0) {
		snprintf(version.text, sizeof(version.text), "%s", name.release);
		sscanf(name.release, "%d.%d.%d", &version.major, &version.minor, &version.patch);
	}
	return version;
}

void check_kernel(const struct config *config _unused_, struct finding *finding)
{
	struct kernel_version v = kernel_version();
	bool enough = v.major > KERNEL_MAJOR_LEAST ||
		      (v.major == KERNEL_MAJOR_LEAST && v.minor >= KERNEL_MINOR_LEAST);

	if (enough)
		finding_met(finding, "Linux %s", v.text);
	else
		finding_missing(finding, UPGRADE_COMMAND, "Linux %s is older than %d.%d", v.text,
				KERNEL_MAJOR_LEAST, KERNEL_MINOR_LEAST);
}

/* --- namespaces --- */

/* 0, or the errno of unshare(2) in a child that ends at once. */
static int try_namespaces(int flags)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(unshare(flags) == 0 ? 0 : errno);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

static bool setting_is(const char *path, char value)
{
	char text[16];

	return fd_read_file_at(AT_FDCWD, path, text, sizeof(text)) > 0 && text[0] == value;
}

static const char *user_namespace_remedy(void)
{
	if (setting_is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1'))
		return "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
	if (setting_is("/proc/sys/kernel/unprivileged_userns_clone", '0'))
		return "sysctl -w kernel.unprivileged_userns_clone=1";
	if (setting_is("/proc/sys/user/max_user_namespaces", '0'))
		return "sysctl -w user.max_user_namespaces=15000";
	return "sudo sandglass doctor";
}

void check_namespaces(const struct config *config _unused_, struct finding *finding)
{
	int flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET |
		    CLONE_NEWCGROUP;
	bool root = geteuid() == 0;
	int failure = try_namespaces(root ? flags : flags | CLONE_NEWUSER);

	if (failure == 0)
		finding_met(finding, "mount, pid, ipc, uts, net and cgroup%s",
			    root ? "" : ", through a user namespace");
	else
		finding_missing(finding,
				root ? "docker run --privileged ..., if this is a container"
				     : user_namespace_remedy(),
				"making them failed: %s", strerror(failure));
}

/* --- cgroups --- */

/* The hierarchy of one kind: where, and which of the needed controllers it has. */
struct hierarchy {
	const char *word; /* in the second field of /proc/self/cgroup: "" is v2 */
	bool memory, pids, cpu;
	char mount[256]; /* of v1: the memory controller's */
};

static void note(struct hierarchy *h, char *words, const char *separators)
{
	char *rest = NULL;

	for (char *word = strtok_r(words, separators, &rest); word;
	     word = strtok_r(NULL, separators, &rest)) {
		h->memory |= strcmp(word, "memory") == 0;
		h->pids |= strcmp(word, "pids") == 0;
		h->cpu |= strcmp(word, "cpu") == 0;
	}
}

/* One line of mountinfo (proc(5)): "id id dev root MOUNT opts [tags] - TYPE source SUPEROPTS". */
static void note_mount(char *line, struct hierarchy *v1, struct hierarchy *v2)
{
	char mount[256], path[300], type[32], options[512], text[512];
	char *dash = strstr(line, " - ");

	if (!dash || sscanf(line, "%*s %*s %*s %*s %255s", mount) != 1 ||
	    sscanf(dash + 3, "%31s %*s %511s", type, options) != 2)
		return;
	if (strcmp(type, "cgroup") == 0) {
		bool memory = v1->memory;
		note(v1, options, ",");
		if (v1->memory && !memory)
			strcpy(v1->mount, mount);
	}
	if (strcmp(type, "cgroup2") != 0)
		return;
	strcpy(v2->mount, mount);
	snprintf(path, sizeof(path), "%s/cgroup.controllers", mount);
	if (fd_read_file_at(AT_FDCWD, path, text, sizeof(text)) > 0)
		note(v2, text, " \n");
}

static void find_hierarchies(struct hierarchy *v1, struct hierarchy *v2)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char line[2048];

	while (mounts && fgets(line, sizeof(line), mounts))
		note_mount(line, v1, v2);
	if (mounts)
		fclose(mounts);
}

static void judge_hierarchy(const struct hierarchy *h, const struct config *config,
			    struct finding *finding)
{
	char path[1400], own[HIERARCHY_PATH_BYTES];

	hierarchy_own_path(h->word[0] ? h->word : NULL, own);
	snprintf(path, sizeof(path), "%s/%s", h->mount, config->cgroup_parent[0] ? config->cgroup_parent : own);
	if (access(path, W_OK) == 0)
		finding_met(finding, "%s with memory, pids and cpu", h->word[0] ? "v1" : "v2");
	else if (geteuid() != 0)
		finding_missing(finding,
				h->word[0]
				    ? "sudo sandglass serve"
				    : "systemd-run --user --scope -p Delegate=yes sandglass serve",
				"this user may not make cgroups in %.120s", path);
	else
		finding_missing(finding, "mount -o remount,rw /sys/fs/cgroup",
				"%.120s cannot be written: %s", path, strerror(errno));
}

void check_cgroup(const struct config *config, struct finding *finding)
{
	struct hierarchy v1 = {.word = "memory"}, v2 = {.word = ""};

	find_hierarchies(&v1, &v2);
	if (v2.memory && v2.pids && v2.cpu)
		judge_hierarchy(&v2, config, finding);
	else if (v1.memory && v1.pids && v1.cpu)
		judge_hierarchy(&v1, config, finding);
	else
		finding_missing(
		    finding, "mount -t cgroup2 none /sys/fs/cgroup",
		    "the controllers memory, pids and cpu are not mounted together, v2 or v1");
}

/* --- the two other walls --- */

void check_seccomp(const struct config *config _unused_, struct finding *finding)
{
	unsigned action = SECCOMP_RET_ERRNO;

	if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0)
		finding_met(finding, "filters that answer with an error");
	else
		finding_missing(finding, UPGRADE_COMMAND, "the kernel has no seccomp filters: %s",
				strerror(errno));
}

void check_landlock(const struct config *config _unused_, struct finding *finding)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	if (abi > 0)
		finding_met(finding, "ABI %ld", abi);
	else if (errno == EOPNOTSUPP)
		finding_missing(
		    finding,
		    "sed -i 's/^GRUB_CMDLINE_LINUX=\"/&lsm=landlock,lockdown,yama,apparmor,bpf /'"
		    " /etc/default/grub && update-grub && reboot",
		    "the kernel has Landlock but was started without it");
	else
		finding_missing(finding, UPGRADE_COMMAND, "the kernel has no Landlock");
}

/* --- known escapes --- */

struct flaw {
	const char *name;
	int major, minor, fixed;
};

void check_page_cache(const struct config *config _unused_, struct finding *finding)
{
	static const struct flaw flaws[] = {
#define X(name, major, minor, fixed) {name, major, minor, fixed},
#include "cli/kernel_flaws.def"
#undef X
	};
	struct kernel_version v = kernel_version();

	finding_met(finding, "no known flaw in the page cache by this kernel's number");
	for (size_t i = 0; i < ARRAY_LEN(flaws); i++)
		if (v.major == flaws[i].major && v.minor == flaws[i].minor &&
		    v.patch < flaws[i].fixed)
			finding_missing(finding, UPGRADE_COMMAND,
					"%s, unless this kernel's maker has mended it, lets a run "
					"change files of"
					" the image for others",
					flaws[i].name);
}

static bool is_loaded(const char *module)
{
	char path[96];

	snprintf(path, sizeof(path), "/sys/module/%s", module);
	return access(path, F_OK) == 0;
}

void check_modules(const struct config *config _unused_, struct finding *finding)
{
	static const char *const modules[] = {
#define X(name) #name,
#include "cli/kernel_modules.def"
#undef X
	};
	char found[128] = "", remedy[sizeof(finding->remedy)];
	size_t used = 0;

	for (size_t i = 0; i < ARRAY_LEN(modules); i++)
		if (is_loaded(modules[i]))
			used +=
			    (size_t)snprintf(found + used, sizeof(found) - used, " %s", modules[i]);
	if (!used) {
		finding_met(finding, "none of those behind known page-cache escapes is loaded");
		return;
	}
	snprintf(remedy, sizeof(remedy),
		 "rmmod%s; printf 'install %%s /bin/false\\n'%s > /etc/modprobe.d/sandglass.conf",
		 found, found);
	finding_missing(finding, remedy, "loaded, and behind known page-cache escapes:%s", found);
}
