/* SPDX-License-Identifier: Apache-2.0 */
/* Between a tool that was started ahead, in which wait.c is, and who has started it. */
#pragma once

/* A socket: headers to include first, in so many bytes, to go on, and a byte back once it can. */
#define WAIT_FD		99
#define WAIT_TEXT_BYTES 128
/* The file that it is to wait for, and wait.c itself; both are gone before the tool looks. */
#define WAIT_VARIABLE "SANDGLASS_WAIT="
#define WAIT_PRELOAD  "LD_PRELOAD="
