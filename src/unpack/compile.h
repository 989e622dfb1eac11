/* SPDX-License-Identifier: Apache-2.0 */
/* The launcher of the compile stage: it stays, as the parent of the compiler, and hands the artefact back. */
#ifndef SG_UNPACK_COMPILE_H
#define SG_UNPACK_COMPILE_H

#include <sys/types.h>

#include "unpack/launch.h"
#include "unpack/take.h"

/* Before the compiler is made: what it leaves behind will be ours. 0, or -1 with errno. */
int compile_adopt(void);

/* The rest of its life, when the run was taken and the compiler, its child, has begun. */
_noreturn_ void compile_finish(const struct launch *launch, struct take *taken, pid_t compiler);

/* The same when the compiler is parked, behind that channel: the run is awaited and passed on to it. */
_noreturn_ void compile_parked(const struct launch *launch, pid_t compiler, int compiler_fd);

#endif
