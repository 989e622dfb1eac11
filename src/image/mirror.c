/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "image/mirror.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/util.h"
#include "image/tool.h"

#define OUTPUT_BYTES_MAX MIB

/* The machine's Debian archive and its security archive; "" where it has none. */
struct archive {
	char main[512], security[512];
};

/* --- what this machine's apt knows --- */

static bool host_is_debian(void)
{
	FILE *in = fopen("/etc/os-release", "re");
	char line[256];
	bool found = false;

	while (in && !found && fgets(line, sizeof(line), in))
		found = strcmp(line, "ID=debian\n") == 0 || strcmp(line, "ID=\"debian\"\n") == 0;
	if (in)
		fclose(in);
	return found;
}

/*
 * The fields of one index target. apt leaves "$(ORIGIN)" as it is until the first `apt-get update`;
 * then the component still tells Debian's archive from others that use its release names.
 */
static void take_target(struct archive *archive, char *line)
{
	char *save = NULL;
	const char *uri = strtok_r(line, " ", &save), *release = strtok_r(NULL, " ", &save);
	const char *component = strtok_r(NULL, " ", &save), *origin = strtok_r(NULL, "\n", &save);

	if (!origin || strcmp(component, "main") != 0 || strncmp(uri, "cdrom:", 6) == 0 ||
	    (strcmp(origin, "Debian") != 0 && origin[0] != '$'))
		return;
	const char *dash = strrchr(release, '-');
	if (!dash && !archive->main[0])
		snprintf(archive->main, sizeof(archive->main), "%s", uri);
	if (dash && strcmp(dash, "-security") == 0 && !archive->security[0])
		snprintf(archive->security, sizeof(archive->security), "%s", uri);
}

/* Asking apt itself covers both formats of its sources, and whatever comes after them. */
static int ask_apt(struct archive *archive, struct err *err)
{
	char *const argv[] = {"apt-get",
			      "indextargets",
			      "--format",
			      "$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)",
			      "Created-By: Packages",
			      NULL};
	_buf_finish_ struct buf out;
	char *save = NULL;

	buf_init(&out, OUTPUT_BYTES_MAX);
	int rc = tool_capture(argv, &out, err);
	if (rc < 0)
		return rc;
	char *text = (char *)buf_c_str(&out);
	for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save))
		take_target(archive, line);
	return 0;
}

/* --- lines for mmdebstrap --- */

static int add_line(struct mirror *mirror, const char *uri, const char *suite, const char *pocket,
		    struct err *err)
{
	char **line = &mirror->lines[mirror->count];

	if (asprintf(line, "deb [signed-by=%s] %s %s%s main", MIRROR_KEYRING, uri, suite, pocket) <
	    0)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.");
	mirror->count++;
	return 0;
}

static int add_archive(struct mirror *mirror, const struct archive *archive, const char *suite,
		       struct err *err)
{
	int rc = add_line(mirror, archive->main, suite, "", err);

	if (rc == 0)
		rc = add_line(mirror, archive->main, suite, "-updates", err);
	if (rc == 0 && archive->security[0])
		rc = add_line(mirror, archive->security, suite, "-security", err);
	return rc;
}

/* A URI goes into a line of words: anything else in it would be read as options or components. */
static bool is_uri(const char *text)
{
	size_t scheme = strspn(text, "abcdefghijklmnopqrstuvwxyz+");

	return scheme > 0 && text[scheme] == ':' && !text[strcspn(text, " \t\r\n[]")];
}

int mirror_find(struct mirror *ret_mirror, const char *suite, const char *option, struct err *err)
{
	struct archive archive = {.main = ""};
	struct mirror mirror = {.count = 0};
	const char *own = option ? option : getenv(MIRROR_VARIABLE);

	if (access(MIRROR_KEYRING, R_OK) < 0)
		return err_field(err, ERR_IMAGE, MIRROR_KEYRING,
				 "There are no keys to check Debian's packages with; install "
				 "debian-archive-keyring.");
	if (own && !is_uri(own))
		return err_field(err, ERR_IMAGE, MIRROR_VARIABLE,
				 "'%.100s' is not the URI of an archive.", own);
	int rc = host_is_debian() ? ask_apt(&archive, err) : 0;
	if (rc < 0)
		return rc;
	if (own)
		snprintf(archive.main, sizeof(archive.main), "%s", own);
	if (archive.main[0])
		rc = add_archive(&mirror, &archive, suite, err);
	if (rc < 0)
		mirror_finish(&mirror);
	else
		*ret_mirror = mirror;
	return rc;
}

void mirror_finish(struct mirror *mirror)
{
	for (unsigned i = 0; i < ARRAY_LEN(mirror->lines); i++)
		free(mirror->lines[i]);
	*mirror = (struct mirror){.count = 0};
}

/* mmdebstrap gives apt a configuration of its own, in which the machine's proxies would be missing.
 */
int mirror_apt_settings(struct buf *out, struct err *err)
{
	static const char *const wanted[] = {"Acquire::http", "Acquire::ftp", "Acquire::Check-",
					     "Acquire::Retries", "Acquire::Force"};
	char *const argv[] = {"apt-config", "dump", "--no-empty", "Acquire", NULL};
	_buf_finish_ struct buf dump;
	char *save = NULL;

	buf_init(&dump, OUTPUT_BYTES_MAX);
	int rc = tool_capture(argv, &dump, err);
	char *text = rc < 0 ? NULL : (char *)buf_c_str(&dump);
	for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save))
		for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
			if (strncmp(line, wanted[i], strlen(wanted[i])) == 0)
				buf_printf(out, "%s\n", line);
	return rc;
}
