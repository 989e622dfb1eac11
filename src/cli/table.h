/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of text in columns as wide as their widest cell. */
#ifndef SG_CLI_TABLE_H
#define SG_CLI_TABLE_H

#include <stddef.h>
#include <stdio.h>

#define TABLE_COLUMNS_MAX 12

struct table {
	size_t columns, rows;
	char **cells; /* rows * columns, owned */
	int rc;	      /* the first failure sticks */
};

#define _table_ __attribute__((cleanup(table_finish)))

/* The first row holds the titles. */
void table_init(struct table *table, size_t columns);
void table_finish(struct table *table);
/* As many texts as there are columns; NULL is "-". Copied, control characters replaced. */
void table_add(struct table *table, const char *const *cells);
void table_print(const struct table *table, FILE *out);

#define table_row(table, ...) table_add((table), (const char *const[]){__VA_ARGS__})

#endif
