/* SPDX-License-Identifier: Apache-2.0 */
#include "api/media_type.h"

#include <strings.h>

#include "base/util.h"

static const struct {
	struct slice suffix;
	const char *type;
} rows[] = {
#define X(suffix, type) {{suffix, sizeof(suffix) - 1}, type},
#include "api/media_type.def"
#undef X
};

const char *media_type_of(struct slice name)
{
	size_t len = 0;

	while (len < name.len && name.data[name.len - 1 - len] != '.' && name.data[name.len - 1 - len] != '/')
		len++;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (len < name.len && rows[i].suffix.len == len &&
		    strncasecmp(name.data + name.len - len, rows[i].suffix.data, len) == 0)
			return rows[i].type;
	return "application/octet-stream";
}
