/* SPDX-License-Identifier: Apache-2.0 */
#include "image/machine.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "image/tool.h"
#include "image/tree.h"

#define PATH_BYTES 4096

const char *machine_find(const struct manifest_machine *machine)
{
	char path[PATH_BYTES];

	for (unsigned i = 0; i < machine->from_count; i++) {
		snprintf(path, sizeof(path), "%s/%s", machine->from[i], machine->holds);
		if (access(path, F_OK) == 0)
			return machine->from[i];
	}
	return NULL;
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* An SDK has a directory for each of its versions, so that an upgrade is seen by their names. */
void machine_put_digest(struct buf *out, const struct manifest_machine *machine)
{
	const char *from = machine_find(machine);
	struct dirent **entries = NULL;
	char path[PATH_BYTES];

	buf_printf(out, "machine: %s %s", machine->place, from ? from : "");
	snprintf(path, sizeof(path), "%s/%s", from ? from : "", machine->holds);
	int count = from ? scandir(path, &entries, visible, alphasort) : 0;
	for (int i = 0; i < count; i++) {
		buf_printf(out, " %s", entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	buf_append_text(out, "\n");
}

static void ignore_line(void *ctx, const char *line)
{
	(void)ctx;
	(void)line;
}

/* The directory itself may be a link, those in it stay links. */
int machine_install(const struct manifest_machine *machine, const char *root, int hold_fd,
		    struct err *err)
{
	static const struct tool_watch silent = {.line = ignore_line};
	char from[PATH_BYTES], place[PATH_BYTES];
	const char *found = machine_find(machine);
	char *const argv[] = {"cp",  "--recursive", "--no-dereference", "--preserve=mode", from,
			      place, NULL};

	if (!found)
		return err_field(err, ERR_IMAGE, machine->place,
				 "What was to go to " MANIFEST_NPM_DIR "/%s is gone.",
				 machine->place);
	snprintf(from, sizeof(from), "%s/.", found);
	snprintf(place, sizeof(place), "%s" MANIFEST_NPM_DIR "/%s", root, machine->place);
	int rc = tree_make_directory(place, err);
	return rc < 0 ? rc : tool_run(argv, hold_fd, &silent, err);
}
