/* SPDX-License-Identifier: Apache-2.0 */
/* Between a tool that was started ahead, in which wait.c is, and who has started it. */
#pragma once

#define WAIT_FD 99 /* a socket: a byte to go on, and one back once it can */
#define WAIT_VARIABLE                                                                              \
	"SANDGLASS_WAIT="	   /* the file that it is to wait for; gone before the tool looks */
#define WAIT_PRELOAD "LD_PRELOAD=" /* likewise */
