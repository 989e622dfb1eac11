/* SPDX-License-Identifier: Apache-2.0 */
/* The root trees that the spawner is given, in an order that is stable for one state of the disk. */
#ifndef SG_SUPERVISE_IMAGES_H
#define SG_SUPERVISE_IMAGES_H

#include "base/err.h"
#include "config/config.h"
#include "ipc/messages.h"

struct image_entry {
	struct msg_image msg;
	int root_fd;               /* a directory; of an image with a shared lock, of the host O_PATH */
};

#define IMAGES_MAX 64

/*
 * Every directory of image_dir that holds a root/ directory, by name; if there is none and the configuration
 * allows it, the host's own. Returns the count, or -ERR_IMAGE when there is nothing to run code in.
 */
int images_open(const struct config *config, struct image_entry entries[static IMAGES_MAX], struct err *err);
void images_close(struct image_entry *entries, int count);

#endif
