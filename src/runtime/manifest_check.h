/* SPDX-License-Identifier: Apache-2.0 */
/* What the schema's types cannot say about a manifest. Inside this room only. */
#ifndef SG_RUNTIME_MANIFEST_CHECK_H
#define SG_RUNTIME_MANIFEST_CHECK_H

#include "runtime/manifest.h"

/* 0 or -ERR_MANIFEST with a sentence "file: key: what is wrong". */
int manifest_check(const struct manifest *manifest, const char *file, struct err *err);

#endif
