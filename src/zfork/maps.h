/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that fork(2) would share or leave out. */
#ifndef SG_ZFORK_MAPS_H
#define SG_ZFORK_MAPS_H

#include "base/err.h"

/*
 * In the frozen process or before: all private mappings will be copied (MADV_DOFORK: V8 leaves its
 * heap out, for children that execve). 0, or -ERR_NOT_IMPLEMENTED and a mapping that is shared and
 * writable: siblings could write to each other by it.
 */
int maps_prepare(struct err *err);

#endif
