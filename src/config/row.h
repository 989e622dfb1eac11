/* SPDX-License-Identifier: Apache-2.0 */
/* config.def as a table: one row per setting. Inside this room only. */
#ifndef SG_CONFIG_ROW_H
#define SG_CONFIG_ROW_H

#include "config/config.h"

enum row_kind { ROW_U64, ROW_TEXT, ROW_FLAG };

struct row {
	const char *name;
	enum row_kind kind;
	size_t offset;	      /* in struct config */
	const char *unit;     /* "" if it is a plain count */
	const char *def;      /* as a user would write it */
	uint64_t least, most; /* ROW_U64 */
	const char *doc;
};

extern const struct row config_rows[];
extern const size_t config_row_count;

/* NULL if there is no such row. */
const struct row *row_find(const char *name, size_t len);

/* Parses value into the row's member. origin ("SANDGLASS_X: ") opens the error's sentence. 0 or
 * -ERR_CONFIG. */
int row_set(const struct row *row, struct config *config, const char *value, const char *origin,
	    struct err *err);

static inline uint64_t *row_u64(const struct row *row, const struct config *config)
{
	return (uint64_t *)((char *)config + row->offset);
}

static inline char **row_text(const struct row *row, const struct config *config)
{
	return (char **)((char *)config + row->offset);
}

static inline bool *row_flag(const struct row *row, const struct config *config)
{
	return (bool *)((char *)config + row->offset);
}

#endif
