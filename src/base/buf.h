/* SPDX-License-Identifier: Apache-2.0 */
/* A growing byte buffer with a ceiling. */
#ifndef SG_BASE_BUF_H
#define SG_BASE_BUF_H

#include "base/slice.h"
#include "base/util.h"

struct buf {
	char *data;      /* NULL while empty; NOT NUL-terminated unless buf_c_str was called */
	size_t len;
	size_t capacity;
	size_t ceiling;  /* bytes that len may never pass */
};

#define _buf_finish_ __attribute__((cleanup(buf_finish)))

void buf_init(struct buf *buf, size_t ceiling_bytes);
/* Frees the memory; the buffer may be used again. */
void buf_finish(struct buf *buf);
/* Empties it and keeps the memory. */
static inline void buf_clear(struct buf *buf)
{
	buf->len = 0;
}

/* Makes room for more bytes after len and returns where; NULL past the ceiling or out of memory. */
char *buf_reserve(struct buf *buf, size_t more);
/* Appends; 0, -ERR_TOO_LARGE past the ceiling (nothing appended), or -ERR_NO_MEMORY. */
int buf_append(struct buf *buf, const void *data, size_t len);
int buf_append_text(struct buf *buf, const char *text);
int buf_printf(struct buf *buf, const char *fmt, ...) _printf_(2, 3);
/* Drops the first n bytes. */
void buf_consume(struct buf *buf, size_t n);
/* A NUL after the last byte (not counted in len); NULL out of memory. */
const char *buf_c_str(struct buf *buf);

static inline struct slice buf_slice(const struct buf *buf)
{
	return (struct slice){buf->data, buf->len};
}

#endif
