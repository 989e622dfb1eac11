/* SPDX-License-Identifier: Apache-2.0 */
#include "ipc/walls.h"

#include <string.h>
#include <strings.h>

#include "base/err.h"

static const struct {
	const char *name, *text;
} wall_rows[WALL_COUNT] = {
#define X(name, lower, text) [WALL_##name] = {lower, text},
#include "ipc/walls.def"
#undef X
};

const char *wall_name(enum wall wall)
{
	return (unsigned)wall < WALL_COUNT ? wall_rows[wall].name : "unknown";
}

const char *wall_text(enum wall wall)
{
	return (unsigned)wall < WALL_COUNT ? wall_rows[wall].text : "";
}

static int find(const char *name, size_t len)
{
	for (int i = 0; i < WALL_COUNT; i++)
		if (strlen(wall_rows[i].name) == len && strncasecmp(wall_rows[i].name, name, len) == 0)
			return i;
	return -1;
}

int walls_parse(const char *names, uint64_t *ret_bits, struct err *err)
{
	uint64_t bits = 0;

	for (const char *at = names; *at;) {
		size_t len = strcspn(at, ", ");
		if (len) {
			int wall = find(at, len);
			if (wall < 0)
				return err_set(err, ERR_CONFIG, "There is no wall named '%.*s'.", (int)MIN_OF(len, 40u), at);
			bits |= 1ull << wall;
		}
		at += len + (at[len] ? 1 : 0);
	}
	*ret_bits = bits;
	return 0;
}
