/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

#define BUF_LEAST 256

void buf_init(struct buf *buf, size_t ceiling_bytes)
{
	*buf = (struct buf){.ceiling = ceiling_bytes};
}

void buf_finish(struct buf *buf)
{
	free(buf->data);
	buf->data = NULL;
	buf->len = buf->capacity = 0;
}

/* One byte more than the ceiling is allowed, for the NUL of buf_c_str. */
static int grow(struct buf *buf, size_t need)
{
	size_t capacity = MAX_OF(buf->capacity, (size_t)BUF_LEAST);

	while (capacity < need)
		capacity *= 2;
	capacity = MAX_OF(MIN_OF(capacity, buf->ceiling + 1), need);
	char *data = realloc(buf->data, capacity);
	if (!data)
		return -ERR_NO_MEMORY;
	buf->data = data;
	buf->capacity = capacity;
	return 0;
}

char *buf_reserve(struct buf *buf, size_t more)
{
	if (more > buf->ceiling || buf->len > buf->ceiling - more)
		return NULL;
	if (buf->len + more > buf->capacity && grow(buf, buf->len + more) < 0)
		return NULL;
	return buf->data + buf->len;
}

int buf_append(struct buf *buf, const void *data, size_t len)
{
	if (len == 0)
		return 0;
	if (len > buf->ceiling || buf->len > buf->ceiling - len)
		return -ERR_TOO_LARGE;
	char *at = buf_reserve(buf, len);
	if (!at)
		return -ERR_NO_MEMORY;
	memcpy(at, data, len);
	buf->len += len;
	return 0;
}

int buf_append_text(struct buf *buf, const char *text)
{
	return buf_append(buf, text, strlen(text));
}

int buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int need = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (need < 0)
		return -ERR_INTERNAL;
	if ((size_t)need > buf->ceiling || buf->len > buf->ceiling - (size_t)need)
		return -ERR_TOO_LARGE;
	if (buf->len + (size_t)need + 1 > buf->capacity && grow(buf, buf->len + (size_t)need + 1) < 0)
		return -ERR_NO_MEMORY;
	va_start(ap, fmt);
	vsnprintf(buf->data + buf->len, (size_t)need + 1, fmt, ap);
	va_end(ap);
	buf->len += (size_t)need;
	return 0;
}

void buf_consume(struct buf *buf, size_t n)
{
	n = MIN_OF(n, buf->len);
	buf->len -= n;
	if (buf->len)
		memmove(buf->data, buf->data + n, buf->len);
}

const char *buf_c_str(struct buf *buf)
{
	if (buf->len + 1 > buf->capacity && grow(buf, buf->len + 1) < 0)
		return NULL;
	buf->data[buf->len] = '\0';
	return buf->data;
}
