/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a parked interpreter does until its run comes: program text of ours, from the runtime's manifest
 * (docs/runtimes.md, `warm`), run by the interpreter's own means. Nothing of a user's is in the process
 * yet; what it leaves behind must not be seen by the program but in time and memory.
 */
#ifndef SG_PARK_PREPARE_H
#define SG_PARK_PREPARE_H

#include <stdbool.h>

/* One for each interpreter that is known here: python.c, javascript.c, perl.c. */
struct preparer {
	/* Takes the text. false: another interpreter, or it does not like the text; then nothing more is done. */
	bool (*begin)(const char *text);
	/* The next piece of it; pieces are short, because a run that comes meanwhile waits. false: nothing is left to do. */
	bool (*step)(void);
	/* The run has come and its files are there. false: the program would see a difference, it has to be exec'd. */
	bool (*end)(void);
	/* Around a fork of a zygote, which ends or stops whatever would be in its way; NULL: nothing needs to be done. */
	void (*fork)(void);
	/* After it: in the child, behind every wall, which is to draw new seeds; and in the zygote. */
	void (*forked)(bool in_child);
	/* What stands against being forked, with its threads or as the one that there is; NULL: nothing. Once, before the first. */
	const char *(*unfit)(bool with_threads);
};

extern const struct preparer preparer_python, preparer_javascript, preparer_perl;

/* The same, for whichever it is. */
bool prepare_begin(const char *text);
bool prepare_step(void);
bool prepare_end(void);
void prepare_fork(void);
void prepare_forked(bool in_child);
const char *prepare_unfit(bool with_threads);

#endif
