/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a parked interpreter does until its run comes: program text of ours, from the runtime's manifest
 * (docs/runtimes.md, `warm`), run by the interpreter's own means. Nothing of a user's is in the process
 * yet; what it leaves behind must not be seen by the program but in time and memory.
 */
#ifndef SG_PARK_PREPARE_H
#define SG_PARK_PREPARE_H

#include <stdbool.h>

/* Takes the text. false: no interpreter that is known here, or it does not like the text; then nothing more is done. */
bool prepare_begin(const char *text);
/* The next piece of it; pieces are short, because a run that comes meanwhile waits. false: nothing is left to do. */
bool prepare_step(void);
/* The run has come and its files are there. false: the program would see a difference, it has to be exec'd. */
bool prepare_end(void);

#endif
