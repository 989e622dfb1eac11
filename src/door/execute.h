/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/execute and its like; and the same with a stdin that comes after the request, as it comes. */
#ifndef SG_DOOR_EXECUTE_H
#define SG_DOOR_EXECUTE_H

#include "door/reply.h"

/* Decodes the body and submits its job. False: it has been answered, and the request is gone. */
bool execute_begin(struct exchange *exchange);
/* The head is there: takes the body if stdin will be in it, and then everything is execute_stdin.c's. */
void execute_take(struct exchange *exchange);

#endif
