/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Seeds of a Node.js that was forked. V8 draws the seed of each context's Math.random from one
 * generator of its isolate, when it is first asked; OpenSSL draws anew by itself when it sees
 * another pid, but the pids of two jails are often the same.
 */
#ifndef SG_PARK_V8_RANDOM_H
#define SG_PARK_V8_RANDOM_H

#include <stdbool.h>

/* Looks for the generator of this isolate, which takes some milliseconds. false: it is not found.
 */
bool v8_random_find(void *isolate);
/* New seeds from the kernel for both. false: one of them could not be had. */
bool v8_random_renew(void);

#endif
