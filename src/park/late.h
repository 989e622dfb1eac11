/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interpreters that open their program before they have loaded what comes with them. They get another
 * file in its place, and stop where their own code shows them ready (r.c, ruby.c), before they have
 * read a byte; then the descriptor becomes that of the program.
 */
#ifndef SG_PARK_LATE_H
#define SG_PARK_LATE_H

#include <stdbool.h>

/* Chosen by the interpreter's name, for its whole life. */
bool late_is_for(const char *program);
/* What to open in the program's place: a file that is always there. */
const char *late_open(void);
/* The other file has been opened, and no run has come. */
bool late_is_waiting(void);
/* And the descriptor is that of the other file. */
bool late_is(int fd);
/* Stops until a run has come; from then on the descriptor is the program's, opened with these flags. */
void late_take_run(int fd, int open_flags);

/* park.c: waits for the run and takes it in; its file's name, below the working directory. */
const char *park_take_run(void);
/* Starts the interpreter anew, as for a run that finds none parked: for one that it would start otherwise. */
_Noreturn void park_exec(void);

#endif
