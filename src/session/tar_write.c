/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "session/tar.h"

#define PLAIN_NUMBER_MAX 077777777777ull /* 11 octal digits */
#define RECORDS_MAX    (16 * KIB)

static void put_octal(char *field, size_t bytes, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%0*llo", (int)bytes - 1, (unsigned long long)number);
	memcpy(field, text, bytes);
}

/* POSIX.1-2017, pax, "ustar Interchange Format": the sum of all bytes, with blanks in the place of the sum. */
static void seal(struct tar_header *header)
{
	const unsigned char *bytes = (const unsigned char *)header;
	unsigned sum = 0;

	memset(header->checksum, ' ', sizeof(header->checksum));
	for (size_t i = 0; i < sizeof(*header); i++)
		sum += bytes[i];
	put_octal(header->checksum, sizeof(header->checksum) - 1, sum);
}

static void copy_text(char *field, size_t bytes, struct slice text)
{
	if (text.len)
		memcpy(field, text.data, MIN_OF(text.len, bytes));
}

static int put_block(struct buf *out, struct tar_header *header, char type, uint64_t size)
{
	header->type = type;
	memcpy(header->magic, "ustar", sizeof(header->magic));
	memcpy(header->version, "00", sizeof(header->version));
	put_octal(header->uid, sizeof(header->uid), 0);
	put_octal(header->gid, sizeof(header->gid), 0);
	put_octal(header->size, sizeof(header->size), size);
	seal(header);
	return buf_append(out, header, sizeof(*header));
}

/* --- the extended header --- */

/* "LENGTH KEY=VALUE\n", whose length counts its own digits. */
static int put_record(struct buf *out, const char *key, struct slice value)
{
	size_t rest = strlen(" =\n") + strlen(key) + value.len, digits = 1;

	for (size_t limit = 10; rest + digits >= limit; limit *= 10)
		digits++;
	int rc = buf_printf(out, "%zu %s=", rest + digits, key);
	if (rc == 0)
		rc = buf_append(out, value.data, value.len);
	return rc < 0 ? rc : buf_append(out, "\n", 1);
}

/* How many bytes of UTF-8 (RFC 3629) begin there; 0: none. */
static size_t utf8_sequence(const unsigned char *at, size_t left)
{
	static const struct {
		unsigned char first, last, second_least, second_most;
		size_t len;
	} rows[] = {
	    {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
	    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
	    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (*at < rows[i].first || *at > rows[i].last)
			continue;
		if (rows[i].len > left || (rows[i].len > 1 && (at[1] < rows[i].second_least || at[1] > rows[i].second_most)))
			return 0;
		for (size_t k = 2; k < rows[i].len; k++)
			if ((at[k] & 0xc0) != 0x80)
				return 0;
		return rows[i].len;
	}
	return 0;
}

static bool is_utf8(struct slice text)
{
	for (size_t at = 0, len; at < text.len; at += len)
		if (!(len = utf8_sequence((const unsigned char *)text.data + at, text.len - at)))
			return false;
	return true;
}

static bool is_plain(struct slice text)
{
	if (text.len > sizeof(((struct tar_header *)0)->name))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] >= 0x80)
			return false;
	return true;
}

static int put_time(struct buf *out, int64_t ns)
{
	uint64_t size = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	char text[40];

	snprintf(text, sizeof(text), "%s%llu.%09llu", ns < 0 ? "-" : "", (unsigned long long)(size / NS_PER_SEC),
		 (unsigned long long)(size % NS_PER_SEC));
	return put_record(out, "mtime", slice_from(text));
}

static uint64_t seconds_of(const struct tar_entry *entry)
{
	return entry->mtime_ns < 0 ? 0 : (uint64_t)entry->mtime_ns / NS_PER_SEC;
}

/* What the plain header cannot say. */
static int put_records(struct buf *out, const struct tar_entry *entry, struct slice name)
{
	char size[24];
	int rc = 0;

	if (!is_utf8(name) || !is_utf8(entry->target))
		rc = put_record(out, "hdrcharset", SLICE_LITERAL("BINARY"));
	if (rc == 0 && !is_plain(name))
		rc = put_record(out, "path", name);
	if (rc == 0 && !is_plain(entry->target))
		rc = put_record(out, "linkpath", entry->target);
	if (rc == 0 && (entry->mtime_ns < 0 || entry->mtime_ns % (int64_t)NS_PER_SEC || seconds_of(entry) > PLAIN_NUMBER_MAX))
		rc = put_time(out, entry->mtime_ns);
	if (rc == 0 && entry->size > PLAIN_NUMBER_MAX) {
		snprintf(size, sizeof(size), "%llu", (unsigned long long)entry->size);
		rc = put_record(out, "size", slice_from(size));
	}
	return rc;
}

static int put_padding(struct buf *out, uint64_t size)
{
	static const char zeros[TAR_BLOCK_BYTES];

	return buf_append(out, zeros, tar_padding(size));
}

/* With a name of its own, under which a program that knows no such headers keeps it as a file. */
static int put_extension(struct buf *out, struct slice records)
{
	struct tar_header header = {.name = "PaxHeader"};

	put_octal(header.mode, sizeof(header.mode), 0644);
	put_octal(header.mtime, sizeof(header.mtime), 0);
	int rc = put_block(out, &header, 'x', records.len);
	if (rc == 0)
		rc = buf_append(out, records.data, records.len);
	return rc < 0 ? rc : put_padding(out, records.len);
}

int tar_write(struct buf *out, const struct tar_entry *entry)
{
	static const char types[] = {[PACK_FILE] = '0', [PACK_DIRECTORY] = '5', [PACK_LINK] = '2'};
	struct tar_header header = {0};
	_buf_finish_ struct buf records, name;

	buf_init(&records, RECORDS_MAX);
	buf_init(&name, PACK_PATH_BYTES + KIB);
	int rc = buf_append(&name, entry->name.data, entry->name.len);
	if (rc == 0 && entry->type == PACK_DIRECTORY)
		rc = buf_append(&name, "/", 1);
	if (rc == 0)
		rc = put_records(&records, entry, buf_slice(&name));
	if (rc == 0 && records.len)
		rc = put_extension(out, buf_slice(&records));
	if (rc < 0)
		return rc;
	copy_text(header.name, sizeof(header.name), buf_slice(&name));
	copy_text(header.target, sizeof(header.target), entry->target);
	put_octal(header.mode, sizeof(header.mode), entry->mode);
	put_octal(header.mtime, sizeof(header.mtime), MIN_OF(seconds_of(entry), PLAIN_NUMBER_MAX));
	return put_block(out, &header, types[entry->type], entry->size > PLAIN_NUMBER_MAX ? 0 : entry->size);
}
