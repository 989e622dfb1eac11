/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the host that a daemon with an empty root has copies of. */
#ifndef SG_CONFINE_COPIES_H
#define SG_CONFINE_COPIES_H

/* Copies each file that is there to the same path below root, with the directories above it. 0, or
 * -1 with errno. */
int copies_make(const char *root, const char *const *paths);

#endif
