/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Downloaded packages, kept between builds: files named <SHA-256>-<name>.deb, so that one that was
 * cut short or changed on disk is found out and not used. All on one file system, as hard links.
 */
#ifndef SG_IMAGE_PACKAGES_H
#define SG_IMAGE_PACKAGES_H

#include "base/err.h"

/* Puts what the cache holds into the tree's apt archives, before a build. Count, or -ERR_IO. */
int packages_offer(const char *cache, const char *root, struct err *err);
/*
 * Takes what the tree's apt archives hold into the cache: after a build, or what an interrupted one
 * had. list: where to write "<SHA-256>  <name>" lines, NULL: nowhere. With it the cache forgets
 * packages that this build had no use for. Count, or -ERR_IO.
 */
int packages_keep(const char *cache, const char *root, const char *list, struct err *err);

/* Packages in the tree's archives and those of them that dpkg has installed: how far a build is. */
void packages_count(const char *root, unsigned *ret_known, unsigned *ret_installed);

#endif
