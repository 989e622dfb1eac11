/* SPDX-License-Identifier: Apache-2.0 */
/* The master's end of a run's terminal (unpack/terminal.h). It comes out of a jail: what is no such
 * thing is refused. */
#ifndef SG_ENGINE_TERMINAL_H
#define SG_ENGINE_TERMINAL_H

#include <stdint.h>

struct window {
	uint16_t rows, columns; /* 0: there is no terminal */
};

/* A socket pair, ours not blocking. 0 or -1 with errno. */
int terminal_pair(int *ret_ours, int *ret_childs);
/* The master, not blocking; -1 with errno: EAGAIN: not yet; else it will not come. */
int terminal_receive(int socket_fd);
/* From now on the programs see this size, and are told of the change. */
void terminal_resize(int master_fd, struct window window);

#endif
