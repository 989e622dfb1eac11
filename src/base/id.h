/* SPDX-License-Identifier: Apache-2.0 */
/* Identifiers: a prefix, a time-ordered 48-bit millisecond stamp and 80 random bits, in Crockford base32. */
#ifndef SG_BASE_ID_H
#define SG_BASE_ID_H

#define ID_BYTES 32 /* room for "exe_" + 26 characters + NUL */

/* prefix: up to 4 characters, e.g. "exe". Randomness from getrandom(2). */
void id_make(char out[static ID_BYTES], const char *prefix);

#endif
