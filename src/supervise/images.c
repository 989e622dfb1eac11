/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "supervise/images.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#include "base/fd.h"

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strlen(entry->d_name) < MSG_NAME_BYTES;
}

static void fill(struct image_entry *entry, unsigned index, enum image_kind kind, const char *name, int fd)
{
	memset(entry, 0, sizeof(*entry));
	entry->msg.image = index;
	entry->msg.kind = kind;
	memcpy(entry->msg.name, name, strnlen(name, sizeof(entry->msg.name) - 1));
	entry->root_fd = fd;
}

/*
 * The shared lock tells `image build` and `image remove` that the tree is in use. It is of the open file, so it
 * stays as long as we keep the descriptor, also when the image of that name has been replaced.
 */
static int open_tree_locked(const char *path)
{
	_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) == 0 ? fd_steal(&fd) : -1;
}

static int open_trees(const char *image_dir, struct image_entry *entries)
{
	struct dirent **names = NULL;
	int found = scandir(image_dir, &names, not_hidden, alphasort);
	int count = 0;

	for (int i = 0; i < found; i++) {
		char path[4096];
		snprintf(path, sizeof(path), "%s/%s/root", image_dir, names[i]->d_name);
		int fd = open_tree_locked(path);
		if (fd >= 0 && count < IMAGES_MAX) {
			fill(&entries[count], (unsigned)count, IMAGE_TREE, names[i]->d_name, fd);
			count++;
		} else {
			fd_close(fd);
		}
		free(names[i]);
	}
	free(names);
	return count;
}

int images_open(const struct config *config, struct image_entry entries[static IMAGES_MAX], struct err *err)
{
	int count = open_trees(config->image_dir, entries);

	if (count == 0 && config->host_image) {
		fill(&entries[0], 0, IMAGE_HOST, "host", open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
		count = entries[0].root_fd < 0 ? 0 : 1;
	}
	if (count == 0)
		return err_set(err, ERR_IMAGE, "There is no image in %s; run 'sandglass image build'.",
		               config->image_dir);
	return count;
}

void images_close(struct image_entry *entries, int count)
{
	for (int i = 0; i < count; i++)
		entries[i].root_fd = fd_close(entries[i].root_fd);
}
