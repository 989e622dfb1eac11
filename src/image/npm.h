/* SPDX-License-Identifier: Apache-2.0 */
/* Packages of the npm registry as data: fetched, checked against their manifest, unpacked. */
#ifndef SG_IMAGE_NPM_H
#define SG_IMAGE_NPM_H

#include "base/err.h"
#include "runtime/manifest.h"

/*
 * Puts the package below root/opt/<place>. It is taken from cache, a directory that is made if need
 * be, or fetched by this machine's npm, which knows the registry, proxies and passwords; what is
 * fetched stays in cache. Nothing of the package is run. hold_fd as in tool_run. 0, -ERR_IMAGE
 * (also when it is not the package that the manifest means), -ERR_IO, -ERR_NO_MEMORY.
 */
int npm_install(const struct manifest_npm *npm, const char *cache, const char *root, int hold_fd,
		struct err *err);

#endif
