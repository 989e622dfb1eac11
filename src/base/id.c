/* SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"

#include <stdio.h>
#include <sys/random.h>

#include "base/log.h"

#define ID_SYMBOLS 26 /* 130 bits of base32 hold 128 */

void id_make(char out[static ID_BYTES], const char *prefix)
{
	static const char base32[] = "0123456789abcdefghjkmnpqrstvwxyz";
	unsigned char raw[16];
	uint64_t now_ms = clock_wall_ms();

	if (getrandom(raw, sizeof(raw), 0) != sizeof(raw))
		fatal("no_randomness", "getrandom failed");
	for (int i = 0; i < 6; i++)
		raw[i] = (unsigned char)(now_ms >> (8 * (5 - i)));

	int n = snprintf(out, ID_BYTES, "%.4s_", prefix);
	unsigned __int128 value = 0;
	for (size_t i = 0; i < sizeof(raw); i++)
		value = value << 8 | raw[i];
	for (int i = ID_SYMBOLS - 1; i >= 0; i--, value >>= 5)
		out[n + i] = base32[(unsigned)value & 31];
	out[n + ID_SYMBOLS] = '\0';
}
