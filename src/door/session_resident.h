/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions with an interpreter that stays between executes (`stateful`), or a launcher that starts their programs in
 * one jail (`background`). It is started by the first execute, and ends with the session, with a limit that was hit,
 * with a restart of the front or the spawner, or by its owner's word; what is told then is in the next answer.
 *
 * Files: the interpreter has those that the session had when it was started. What it changes is collected from its
 * jail after each execute and becomes part of the session; what others put into the session meanwhile it does not
 * see, and does not take away.
 */
#ifndef SG_DOOR_SESSION_RESIDENT_H
#define SG_DOOR_SESSION_RESIDENT_H

#include "door/sessions.h"

/* Its ways are those of a session whose `facts` say stateful or background. */
bool session_has_resident(const struct session *session);
/*
 * Gives the job, which has the session alone, to the interpreter; *ret_tree (a reference) is what that has of the
 * session's files. 0 or a negative code with *err.
 */
int session_resident_join(struct session *session, struct job *job, struct session_tree **ret_tree, struct err *err);
/* What the execute has changed of the tree that it had is part of the session now; which was `before` until then. */
void session_resident_kept(struct session *session, const struct session_tree *before, const struct session_change *changes,
			   size_t count);
/* Somebody has to stay at hand for it: it is there. Ends it, when it is not used for the session's time. */
bool session_resident_holds(struct session *session);
/* False: no execute is at it. */
bool session_resident_interrupt(struct session *session);
/* What it knows is to be forgotten. False: there was nothing. */
bool session_resident_restart(struct session *session);
void session_resident_free(struct session *session);

#endif
