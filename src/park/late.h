/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interpreters that open their program before they have loaded what comes with them. They get another
 * file in its place, and stop where they show that they are ready. R and Ruby have not read a byte then
 * (r.c, ruby.c, perl.c), and the descriptor becomes that of the program; Java opens it once more.
 */
#ifndef SG_PARK_LATE_H
#define SG_PARK_LATE_H

#include <stdbool.h>

/* Chosen by the interpreter's name and its program's, for its whole life. */
bool late_is_for(const char *interpreter, const char *file);
/* A call of that name is about to look at the program. The path for it; NULL: now is the time to stop. */
const char *late_look(const char *call, const char *path);
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
