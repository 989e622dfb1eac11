/* SPDX-License-Identifier: Apache-2.0 */
/* What must be installed, built and free on this machine. */
#define _GNU_SOURCE
#include <errno.h>
#include <glob.h>
#include <grp.h>
#include <libgen.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "image/image.h"
#include "ipc/park.h"

#define IDS_NEEDED 5000 /* roles, and a user id for every jail at once */

void check_programs(const struct config *config, struct finding *finding)
{
	static const char *const programs[] = {"sandglassd", "sandglass-front", "sandglass-spawner",
					       "sandglass-store", PARK_LIBRARY};
	char path[4096];

	for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
		snprintf(path, sizeof(path), "%s/%s", config->libexec_dir, programs[i]);
		if (access(path, X_OK) == 0)
			continue;
		finding_missing(finding, "make install", "%.120s is not there; or set libexec_dir",
				path);
		return;
	}
	finding_met(finding, "%.150s", config->libexec_dir);
}

void check_root(const struct config *config _unused_, struct finding *finding)
{
	if (geteuid() == 0)
		finding_met(finding, "this is root");
	else
		finding_missing(
		    finding, "sudo sandglass serve",
		    "without root all runs share one user of the host, behind user namespaces");
}

/* --- user ids --- */

/* The first id at or above base that somebody has; 0 if none within IDS_NEEDED. */
static uint64_t taken_by_accounts(uint64_t base)
{
	uint64_t taken = 0;
	struct passwd *user;
	struct group *group;

	setpwent();
	while (!taken && (user = getpwent()))
		if (user->pw_uid >= base && user->pw_uid < base + IDS_NEEDED)
			taken = user->pw_uid;
	endpwent();
	setgrent();
	while (!taken && (group = getgrent()))
		if (group->gr_gid >= base && group->gr_gid < base + IDS_NEEDED)
			taken = group->gr_gid;
	endgrent();
	return taken;
}

/* subuid(5): "name:first:count". */
static uint64_t taken_by_subids(const char *path, uint64_t base)
{
	FILE *file = fopen(path, "re");
	unsigned long long first, count;
	uint64_t taken = 0;
	char line[256];

	while (file && !taken && fgets(line, sizeof(line), file))
		if (sscanf(line, "%*[^:]:%llu:%llu", &first, &count) == 2 &&
		    first < base + IDS_NEEDED && first + count > base)
			taken = MAX_OF((uint64_t)first, base);
	if (file)
		fclose(file);
	return taken;
}

/* uid_map(5) of user_namespaces(7): ids that are not mapped here cannot be used. */
static bool is_mapped(uint64_t base)
{
	FILE *file = fopen("/proc/self/uid_map", "re");
	unsigned long long inside, count;
	bool mapped = false;

	while (file && !mapped && fscanf(file, "%llu %*u %llu", &inside, &count) == 2)
		mapped = inside <= base && base + IDS_NEEDED <= inside + count;
	if (file)
		fclose(file);
	return mapped;
}

void check_user_ids(const struct config *config, struct finding *finding)
{
	uint64_t base = config->uid_base;
	uint64_t taken = taken_by_accounts(base);

	if (geteuid() != 0) {
		finding_met(finding, "not needed without root");
		return;
	}
	if (!taken)
		taken = taken_by_subids("/etc/subuid", base);
	if (!taken)
		taken = taken_by_subids("/etc/subgid", base);
	if (taken)
		finding_missing(finding, "sandglass serve --set uid_base=NUMBER",
				"id %llu of %llu to %llu is somebody's", (unsigned long long)taken,
				(unsigned long long)base,
				(unsigned long long)base + IDS_NEEDED - 1);
	else if (!is_mapped(base))
		finding_missing(finding, "sandglass serve --set uid_base=NUMBER",
				"ids %llu to %llu do not exist in this container",
				(unsigned long long)base,
				(unsigned long long)base + IDS_NEEDED - 1);
	else
		finding_met(finding, "%llu to %llu are nobody's", (unsigned long long)base,
			    (unsigned long long)base + IDS_NEEDED - 1);
}

/* --- files --- */

void check_state_dir(const struct config *config, struct finding *finding)
{
	_free_ char *path = strdup(config->state_dir);

	/* What is missing is made at the first start, if its parent lets us. */
	for (char *at = path; at && access(at, F_OK) < 0 && errno == ENOENT && strlen(at) > 1;)
		at = dirname(at);
	if (path && access(path, W_OK | X_OK) == 0)
		finding_met(finding, "%.150s", config->state_dir);
	else
		finding_missing(finding,
				geteuid() != 0 && errno == EACCES
				    ? "sudo sandglass doctor"
				    : "sandglass serve --set state_dir=DIRECTORY",
				"%.150s cannot be written: %s", config->state_dir, strerror(errno));
}

void check_runtimes(const struct config *config, struct finding *finding)
{
	char pattern[4096];
	glob_t found = {0};

	snprintf(pattern, sizeof(pattern), "%s/*/runtime.yaml", config->runtime_dir);
	if (glob(pattern, 0, NULL, &found) == 0)
		finding_met(finding, "%zu in %.150s", found.gl_pathc, config->runtime_dir);
	else
		finding_missing(finding, "make install",
				"no manifest in %.120s; or set runtime_dir", config->runtime_dir);
	globfree(&found);
}

void check_image(const struct config *config, struct finding *finding)
{
	struct image_list list = {0};
	struct err err = {0};
	int rc = image_list_load(&list, config->image_dir, &err);

	if (rc == 0 && list.count)
		finding_met(finding, "%u in %.150s", list.count, config->image_dir);
	else if (rc == 0 && config->host_image)
		finding_met(finding,
			    "none built; this machine's own interpreters are offered ('sandglass"
			    " image build' makes one)");
	else if (rc == 0)
		finding_missing(finding, "sandglass image build", "none in %.150s",
				config->image_dir);
	else
		finding_missing(finding, "sandglass image build --force", "%.190s", err.text);
	image_list_finish(&list);
}

static bool is_on_path(const char *program)
{
	const char *path = getenv("PATH");
	_free_ char *copy = strdup(path ? path : "/usr/sbin:/usr/bin:/sbin:/bin");
	char full[4096], *rest = NULL;
	bool found = false;

	for (char *dir = copy ? strtok_r(copy, ":", &rest) : NULL; dir && !found;
	     dir = strtok_r(NULL, ":", &rest)) {
		snprintf(full, sizeof(full), "%s/%s", dir, program);
		found = access(full, X_OK) == 0;
	}
	return found;
}

void check_mmdebstrap(const struct config *config _unused_, struct finding *finding)
{
	if (is_on_path("mmdebstrap"))
		finding_met(finding, "there, for 'sandglass image build'");
	else
		finding_missing(finding, "apt-get install mmdebstrap",
				"not installed; 'sandglass image build' needs it");
}
