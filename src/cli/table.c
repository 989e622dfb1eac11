/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/util.h"

void table_init(struct table *table, size_t columns)
{
	*table = (struct table){.columns = columns};
}

void table_finish(struct table *table)
{
	for (size_t i = 0; i < table->rows * table->columns; i++)
		free(table->cells[i]);
	free(table->cells);
	*table = (struct table){.columns = table->columns};
}

static char *copy_cell(const char *text)
{
	char *copy = strdup(text && text[0] ? text : "-");

	for (char *c = copy; c && *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	return copy;
}

void table_add(struct table *table, const char *const *cells)
{
	size_t at = table->rows * table->columns;
	char **more = reallocarray(table->cells, at + table->columns, sizeof(*more));

	if (!more) {
		table->rc = -ERR_NO_MEMORY;
		return;
	}
	table->cells = more;
	for (size_t i = 0; i < table->columns; i++)
		table->cells[at + i] = copy_cell(cells[i]);
	table->rows++;
}

/* Characters, not bytes: continuation bytes of UTF-8 take no column. */
static int width_of(const char *text)
{
	int width = 0;

	for (; text && *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

void table_print(const struct table *table, FILE *out)
{
	int widths[TABLE_COLUMNS_MAX] = {0};
	size_t cells = table->rows * table->columns;

	for (size_t i = 0; i < cells; i++)
		widths[i % table->columns] =
		    MAX_OF(widths[i % table->columns], width_of(table->cells[i]));
	for (size_t i = 0; i < cells; i++) {
		const char *cell = table->cells[i] ? table->cells[i] : "";
		bool last = i % table->columns == table->columns - 1;
		fputs(cell, out);
		fprintf(out, "%*s", last ? 0 : widths[i % table->columns] + 2 - width_of(cell), "");
		if (last)
			fputc('\n', out);
	}
}
