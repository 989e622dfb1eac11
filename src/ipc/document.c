/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "ipc/document.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

#define SEALS_NEEDED (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW)

static size_t padding(size_t len)
{
	return (8 - len % 8) % 8;
}

int document_write(struct buf *out, const struct document *document)
{
	static const char zeros[8];
	struct document_record record;
	size_t bytes = document->head.len + document->body.len, begin = out->len;

	memset(&record, 0, sizeof(record));
	record.kind = document->kind;
	record.mark = document->mark;
	record.expires_ms = document->expires_ms;
	memcpy(record.id, document->id, sizeof(record.id));
	memcpy(record.parent, document->parent, sizeof(record.parent));
	record.head_bytes = document->head.len;
	record.body_bytes = document->body.len;
	int rc = buf_append(out, &record, sizeof(record));
	if (rc == 0)
		rc = buf_append(out, document->head.data, document->head.len);
	if (rc == 0)
		rc = buf_append(out, document->body.data, document->body.len);
	if (rc == 0)
		rc = buf_append(out, zeros, padding(bytes));
	if (rc < 0)
		out->len = begin;
	return rc;
}

static bool is_text(const char text[static ID_BYTES])
{
	return memchr(text, '\0', ID_BYTES) != NULL;
}

/* Every length on its own before they are added: the sender may be hostile. */
static bool record_fits(const struct document_record *record, size_t left)
{
	uint64_t head = record->head_bytes, body = record->body_bytes;

	return record->kind < DOCUMENT_KIND_COUNT && is_text(record->id) &&
	       is_text(record->parent) && head <= DOCUMENT_BYTES_MAX &&
	       body <= DOCUMENT_BYTES_MAX && head + body <= DOCUMENT_BYTES_MAX &&
	       head + body + padding(head + body) <= left;
}

int document_next(struct slice *bytes, struct document *ret_document)
{
	struct document_record record;

	if (bytes->len == 0)
		return 0;
	if (bytes->len < sizeof(record))
		return -ERR_PROTOCOL;
	memcpy(&record, bytes->data, sizeof(record));
	const char *at = bytes->data + sizeof(record);
	size_t left = bytes->len - sizeof(record);
	if (!record_fits(&record, left))
		return -ERR_PROTOCOL;
	size_t len = record.head_bytes + record.body_bytes, step = len + padding(len);
	*ret_document = (struct document){
	    .kind = record.kind,
	    .mark = record.mark,
	    .expires_ms = record.expires_ms,
	    .head = {at, record.head_bytes},
	    .body = {at + record.head_bytes, record.body_bytes},
	};
	memcpy(ret_document->id, record.id, sizeof(record.id));
	memcpy(ret_document->parent, record.parent, sizeof(record.parent));
	*bytes = (struct slice){at + step, left - step};
	return 1;
}

/* pread, not a mapping: a filter of ours may allow no more, and the copy is what is kept anyway. */
int document_read(int fd, size_t most, struct buf *out)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;
	size_t done = 0;

	if (seals < 0 || (seals & SEALS_NEEDED) != SEALS_NEEDED)
		return -ERR_PROTOCOL;
	if (fstat(fd, &st) < 0)
		return -ERR_IO;
	if (st.st_size < 0 || (uint64_t)st.st_size > most)
		return -ERR_PROTOCOL;
	char *at = buf_reserve(out, (size_t)st.st_size);
	if (!at)
		return -ERR_NO_MEMORY;
	while (done < (size_t)st.st_size) {
		ssize_t n = pread(fd, at + done, (size_t)st.st_size - done, (off_t)done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -ERR_IO;
		done += (size_t)n;
	}
	out->len += done;
	return 0;
}
