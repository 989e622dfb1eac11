/* SPDX-License-Identifier: Apache-2.0 */
/* Asking an installed interpreter for its version. Trusted programs only: the host's or a fresh
 * image's. */
#ifndef SG_RUNTIME_PROBE_H
#define SG_RUNTIME_PROBE_H

#include "base/err.h"
#include "runtime/manifest.h"

#define PROBE_VERSION_BYTES 64

/*
 * The version of a variant of the manifest in the tree at root ("/": this host), a fixed one
 * without starting anything. Runs without a shell, with a bare environment and for at most five
 * seconds; another root is entered with chroot(8), as nobody. 0, -ERR_NOT_FOUND when a program of
 * the manifest is not installed there, or -ERR_IMAGE when it does not say its version.
 */
int probe_version(char out[static PROBE_VERSION_BYTES], const struct manifest *manifest,
		  const struct manifest_variant *variant, const char *root, struct err *err);

#endif
