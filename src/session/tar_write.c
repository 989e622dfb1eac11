/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "session/tar.h"

#define PLAIN_NUMBER_MAX 077777777777ull /* 11 octal digits */
#define NAME_BYTES	 (PACK_PATH_BYTES + 4) /* with "~/" before it and a slash behind it */
#define NUMBER_BYTES	 40

static void put_octal(char *field, size_t bytes, uint64_t number)
{
	field[--bytes] = '\0';
	for (; bytes > 0; number /= 8)
		field[--bytes] = (char)('0' + number % 8);
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

/* --- the extended header: what the plain one cannot say --- */

/* "LENGTH KEY=VALUE\n", whose length counts its own digits. */
struct record {
	const char *key;
	struct slice value;
	size_t bytes;
};

struct records {
	struct record rows[5];
	unsigned count;
	size_t bytes;                             /* of all */
	char time[NUMBER_BYTES], size[NUMBER_BYTES]; /* texts of two of them */
};

static void add(struct records *records, const char *key, struct slice value)
{
	size_t rest = strlen(" =\n") + strlen(key) + value.len, digits = 1;

	for (size_t limit = 10; rest + digits >= limit; limit *= 10)
		digits++;
	records->rows[records->count++] = (struct record){key, value, rest + digits};
	records->bytes += rest + digits;
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

static uint64_t seconds_of(const struct tar_entry *entry)
{
	return entry->mtime_ns < 0 ? 0 : (uint64_t)entry->mtime_ns / NS_PER_SEC;
}

static void add_time(struct records *records, int64_t ns)
{
	uint64_t size = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;

	snprintf(records->time, sizeof(records->time), "%s%llu.%09llu", ns < 0 ? "-" : "",
		 (unsigned long long)(size / NS_PER_SEC), (unsigned long long)(size % NS_PER_SEC));
	add(records, "mtime", slice_from(records->time));
}

static void make_records(struct records *records, const struct tar_entry *entry, struct slice name)
{
	records->count = 0;
	records->bytes = 0;
	if (!is_utf8(name) || !is_utf8(entry->target))
		add(records, "hdrcharset", SLICE_LITERAL("BINARY"));
	if (!is_plain(name))
		add(records, "path", name);
	if (!is_plain(entry->target))
		add(records, "linkpath", entry->target);
	if (entry->mtime_ns < 0 || entry->mtime_ns % (int64_t)NS_PER_SEC || seconds_of(entry) > PLAIN_NUMBER_MAX)
		add_time(records, entry->mtime_ns);
	if (entry->size > PLAIN_NUMBER_MAX) {
		snprintf(records->size, sizeof(records->size), "%llu", (unsigned long long)entry->size);
		add(records, "size", slice_from(records->size));
	}
}

static int put_padding(struct buf *out, uint64_t size)
{
	static const char zeros[TAR_BLOCK_BYTES];

	return buf_append(out, zeros, tar_padding(size));
}

/* With a name of its own, under which a program that knows no such headers keeps it as a file. */
static int put_records(struct buf *out, const struct records *records)
{
	struct tar_header header = {.name = "PaxHeader"};

	put_octal(header.mode, sizeof(header.mode), 0644);
	put_octal(header.mtime, sizeof(header.mtime), 0);
	int rc = put_block(out, &header, 'x', records->bytes);
	for (unsigned i = 0; rc == 0 && i < records->count; i++) {
		const struct record *row = &records->rows[i];
		rc = buf_printf(out, "%zu %s=", row->bytes, row->key);
		if (rc == 0)
			rc = buf_append(out, row->value.data, row->value.len);
		if (rc == 0)
			rc = buf_append(out, "\n", 1);
	}
	return rc < 0 ? rc : put_padding(out, records->bytes);
}

/* --- entries --- */

/* Of a directory with a slash behind it. {NULL, 0}: it is too long to be one of ours. */
static struct slice whole_name(char text[static NAME_BYTES], const struct tar_entry *entry)
{
	size_t len = entry->name.len;

	if (len + 1 > NAME_BYTES)
		return (struct slice){0};
	copy_text(text, NAME_BYTES, entry->name);
	if (entry->type == PACK_DIRECTORY)
		text[len++] = '/';
	return (struct slice){text, len};
}

size_t tar_head_bytes(const struct tar_entry *entry)
{
	char text[NAME_BYTES];
	struct records records;

	make_records(&records, entry, whole_name(text, entry));
	return sizeof(struct tar_header) +
	       (records.count ? sizeof(struct tar_header) + records.bytes + tar_padding(records.bytes) : 0);
}

int tar_write(struct buf *out, const struct tar_entry *entry)
{
	static const char types[] = {[PACK_FILE] = '0', [PACK_DIRECTORY] = '5', [PACK_LINK] = '2'};
	struct tar_header header = {0};
	char text[NAME_BYTES];
	struct slice name = whole_name(text, entry);
	struct records records;

	if (!name.data)
		return -ERR_TOO_LARGE;
	make_records(&records, entry, name);
	int rc = records.count ? put_records(out, &records) : 0;
	if (rc < 0)
		return rc;
	copy_text(header.name, sizeof(header.name), name);
	copy_text(header.target, sizeof(header.target), entry->target);
	put_octal(header.mode, sizeof(header.mode), entry->mode);
	put_octal(header.mtime, sizeof(header.mtime), MIN_OF(seconds_of(entry), PLAIN_NUMBER_MAX));
	return put_block(out, &header, types[entry->type], entry->size > PLAIN_NUMBER_MAX ? 0 : entry->size);
}
