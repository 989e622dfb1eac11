/* SPDX-License-Identifier: Apache-2.0 */
/* One handler per route of routes.def. Each answers its exchange now or, execute, later. */
#ifndef SG_DOOR_HANDLERS_H
#define SG_DOOR_HANDLERS_H

struct exchange;

typedef void handler_fn(struct exchange *exchange);

#define X(method, path, who, formats, handler) handler_fn handle_##handler;
#include "door/routes.def"
#undef X

#endif
