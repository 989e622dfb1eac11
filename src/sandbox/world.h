/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spawner's own root: a small read-only tmpfs with the images and what every jail gets a bind
 * of. The host's tree is let go of, so that a jail that is being made has nothing but this within
 * reach, and so that copying the spawner's mounts for a new mount namespace is cheap.
 *
 *   /image/N    the root trees, read-only, nosuid, nodev
 *   /dev        null zero full random urandom, tty, fd stdin stdout stderr, ptmx, mount points shm pts
 *   /etc        hosts, hostname; N/passwd, N/group for slot N
 *   /mask       file and dir: empty, to lie over parts of /proc
 *   /scratch    mount point for a jail's tmpfs
 *   /proc       without root only: the kernel lets mount a new one only where an old one is visible
 */
#ifndef SG_SANDBOX_WORLD_H
#define SG_SANDBOX_WORLD_H

#include <stdbool.h>

#include "base/err.h"
#include "ipc/messages.h"

#define WORLD_IMAGE     "/image"
#define WORLD_DEV       "/dev"
#define WORLD_ETC       "/etc"
#define WORLD_MASK_FILE "/mask/file"
#define WORLD_MASK_DIR  "/mask/dir"
#define WORLD_SCRATCH   "/scratch"
#define WORLD_PATH_MAX  128

#define WORLD_IMAGES_MAX 64

struct world {
	int images[WORLD_IMAGES_MAX]; /* trees that have no place yet; -1: it has, or there is none
				       */
	unsigned image_count;
	int etc_fd;                   /* WORLD_ETC, writable only by this descriptor */
	int proc_fd;                  /* the host's /proc */
	bool rootless;
	bool own_mounts;              /* world_init has come so far */
};

/*
 * A mount namespace of its own, in a user namespace of its own when rootless. 0 or
 * -ERR_JAIL_FAILED.
 */
int world_init(struct world *world, bool rootless, struct err *err);
/*
 * Takes a root tree by its directory; the number of images so far is its index, also when it cannot
 * be had. 0, -ERR_IMAGE.
 */
int world_add_image(struct world *world, int dir_fd, enum image_kind kind, struct err *err);
/* Builds the tree above and makes it the root. 0 or -ERR_JAIL_FAILED. */
int world_build(struct world *world, struct err *err);
/* A new file that all may read. 0, or -1 with errno. */
int world_make_file(int dir_fd, const char *name, const char *text);
/* Makes sure that passwd and group of a slot exist. 0, or -1 with errno. */
int world_add_user(struct world *world, unsigned slot, unsigned uid);

/*
 * The image `host`: a skeleton with binds of host_image.def, as a tree that is mounted nowhere.
 * Call it in a mount namespace of one's own. Its descriptor, or -1 with errno.
 */
int world_host_tree(void);

#endif
