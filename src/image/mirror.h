/* SPDX-License-Identifier: Apache-2.0 */
/* Where packages come from. No archive has its name in this program: see image_build in image.h. */
#ifndef SG_IMAGE_MIRROR_H
#define SG_IMAGE_MIRROR_H

#include "base/buf.h"
#include "base/err.h"

#define MIRROR_VARIABLE "SANDGLASS_DEBIAN_MIRROR"
#define MIRROR_KEYRING	"/usr/share/keyrings/debian-archive-keyring.gpg"

/* Lines for mmdebstrap ("deb [signed-by=...] URI suite main"). count 0: its own default is to be
 * used. */
struct mirror {
	char *lines[3];
	unsigned count;
};

/* option: the URI the user gave, or NULL. 0, -ERR_IMAGE, -ERR_NO_MEMORY. */
int mirror_find(struct mirror *ret_mirror, const char *suite, const char *option, struct err *err);
void mirror_finish(struct mirror *mirror);

/* This machine's own settings of how apt fetches (proxies, checks), as lines of apt.conf(5). */
int mirror_apt_settings(struct buf *out, struct err *err);

#endif
