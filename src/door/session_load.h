/* SPDX-License-Identifier: Apache-2.0 */
/* What sessions.c (who uses a session) and session_load.c (reading it) want of each other. */
#ifndef SG_DOOR_SESSION_LOAD_H
#define SG_DOOR_SESSION_LOAD_H

#include "door/sessions.h"

/* --- session_load.c --- */

/* Reads it, or makes it, as the first that waits wants it: then it is given its turn, or all hear why not. */
void session_load(struct session *session);
/* As if it had never been read. */
void session_forget(struct session *session);
/* It was not used for its time. */
bool session_is_over(const struct session *session);

/* --- sessions.c --- */

/* To who is next, if it can be given; it may be gone afterwards. */
void session_give_turn(struct session *session);
void session_free(struct session *session);

#endif
