/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_SANDBOX_WORLD_HOST_H
#define SG_SANDBOX_WORLD_HOST_H

/*
 * The image `host`: a skeleton with binds of host_image.def, as a tree that is mounted nowhere. Call it
 * in a mount namespace of one's own. Its descriptor, or -1 with errno.
 */
int world_host_tree(void);

#endif
