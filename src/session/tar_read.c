/* SPDX-License-Identifier: Apache-2.0 */
#include "session/tar.h"

#define EXTENSION_BYTES_MAX (64 * KIB)
#define TEXT_BYTES_MAX	    (8 * KIB) /* more than any name may have */
#define SECONDS_MAX	    9000000000ll /* about what nanoseconds in 64 bits can say */
#define NUMBER_MAX	    (INT64_MAX / 16)

/* Where the next byte of the input belongs. */
enum state { AT_BLOCK, AT_EXTENSION, AT_CONTENT, AT_PADDING, AT_END, STATES };

void tar_reader_init(struct tar_reader *reader)
{
	*reader = (struct tar_reader){.state = AT_BLOCK};
	buf_init(&reader->extension, EXTENSION_BYTES_MAX);
	buf_init(&reader->name, TEXT_BYTES_MAX);
	buf_init(&reader->target, TEXT_BYTES_MAX);
}

void tar_reader_finish(struct tar_reader *reader)
{
	buf_finish(&reader->extension);
	buf_finish(&reader->name);
	buf_finish(&reader->target);
}

bool tar_is_whole(const struct tar_reader *reader)
{
	return reader->state == AT_END;
}

static int is_damaged(struct err *err)
{
	return err_set(err, ERR_BAD_REQUEST, "The archive is damaged.");
}

static struct slice take(struct slice *input, size_t most)
{
	struct slice piece = {input->data, MIN_OF(input->len, most)};

	*input = (struct slice){input->data + piece.len, input->len - piece.len};
	return piece;
}

/* --- fields of a block --- */

static struct slice text_of(const char *field, size_t bytes)
{
	return (struct slice){field, strnlen(field, bytes)};
}

/* GNU tar, "Basic Tar Format": a first byte of 0x80, or 0xff, and a number of two's complement. */
static bool read_binary(const char *field, size_t bytes, int64_t *ret_number)
{
	const unsigned char *at = (const unsigned char *)field;
	unsigned char sign = *at == 0xff ? 0xff : 0;
	uint64_t number = 0;

	for (size_t i = 1; i < bytes; i++) {
		if (i < bytes - sizeof(number) && at[i] != sign)
			return false;
		number = number << 8 | at[i];
	}
	*ret_number = (int64_t)number;
	return (*at == 0x80 || *at == 0xff) && (*ret_number < 0) == (sign != 0);
}

/* Octal, with blanks before it; or binary. */
static bool read_number(const char *field, size_t bytes, int64_t *ret_number)
{
	int64_t number = 0;
	size_t at = 0;

	if (*(const unsigned char *)field & 0x80)
		return bytes > sizeof(number) && read_binary(field, bytes, ret_number);
	while (at < bytes && field[at] == ' ')
		at++;
	for (; at < bytes && field[at] >= '0' && field[at] <= '7'; at++)
		number = number * 8 + (field[at] - '0');
	*ret_number = number;
	return at == bytes || field[at] == ' ' || field[at] == '\0';
}

#define READ_NUMBER(field, ret) read_number((field), sizeof(field), (ret))

/* Of all bytes, with blanks in the place of the sum; some old programs took them as signed. */
static bool sum_is_right(const struct tar_header *header)
{
	const char *bytes = (const char *)header;
	const size_t blanks = sizeof(header->checksum);
	int64_t expected;
	int sum = (int)blanks * ' ', high = 0;

	if (!READ_NUMBER(header->checksum, &expected))
		return false;
	for (size_t i = 0; i < sizeof(*header); i++)
		sum += (unsigned char)bytes[i];
	for (size_t i = 0; i < blanks; i++)
		sum -= (unsigned char)header->checksum[i];
	if (expected == sum)
		return true;
	for (size_t i = 0; i < sizeof(*header); i++)
		high += (unsigned char)bytes[i] >> 7;
	return expected == sum - 256 * high;
}

static bool is_zero(const struct tar_header *header)
{
	static const struct tar_header zero;

	return memcmp(header, &zero, sizeof(zero)) == 0;
}

/* --- extended headers --- */

static bool read_digits(const char **at, const char *end, int64_t most, int64_t *ret_number)
{
	const char *begin = *at;
	int64_t number = 0;

	for (; *at < end && **at >= '0' && **at <= '9'; ++*at) {
		number = number * 10 + (**at - '0');
		if (number > most)
			return false;
	}
	*ret_number = number;
	return *at > begin;
}

static int put_text(struct buf *out, struct slice text)
{
	buf_clear(out);
	return buf_append(out, text.data, text.len);
}

static int take_name(struct tar_reader *r, struct slice value)
{
	r->has_name = value.len;
	return put_text(&r->name, value);
}

static int take_target(struct tar_reader *r, struct slice value)
{
	r->has_target = value.len;
	return put_text(&r->target, value);
}

static int take_size(struct tar_reader *r, struct slice value)
{
	const char *at = value.data, *end = value.data + value.len;
	int64_t size;

	r->has_size = value.len;
	if (value.len && (!read_digits(&at, end, NUMBER_MAX, &size) || at != end))
		return -ERR_BAD_REQUEST;
	r->size = value.len ? (uint64_t)size : 0;
	return 0;
}

/* "-12.345"; digits that are smaller than a nanosecond are cut. */
static int take_time(struct tar_reader *r, struct slice value)
{
	const char *at = value.data, *end = value.data + value.len;
	bool negative = value.len && *at == '-';
	int64_t seconds, ns = 0, unit = (int64_t)NS_PER_SEC / 10;

	r->has_mtime = value.len;
	if (!value.len)
		return 0;
	at += negative;
	if (!read_digits(&at, end, NUMBER_MAX, &seconds) || (at < end && *at++ != '.'))
		return -ERR_BAD_REQUEST;
	seconds = MIN_OF(seconds, SECONDS_MAX);
	for (; at < end && *at >= '0' && *at <= '9'; at++, unit /= 10)
		ns += unit * (*at - '0');
	r->mtime_ns = (negative ? -1 : 1) * (seconds * (int64_t)NS_PER_SEC + ns);
	return at == end ? 0 : -ERR_BAD_REQUEST;
}

static const struct {
	const char *key;
	int (*fn)(struct tar_reader *r, struct slice value);
} records[] = {
    {"path", take_name},
    {"linkpath", take_target},
    {"size", take_size},
    {"mtime", take_time},
};

static int take_record(struct tar_reader *r, struct slice key, struct slice value)
{
	static const struct slice sparse = SLICE_LITERAL("GNU.sparse.");

	if (key.len > sparse.len && memcmp(key.data, sparse.data, sparse.len) == 0)
		return -ERR_INVALID_FIELD;
	for (size_t i = 0; i < ARRAY_LEN(records); i++)
		if (slice_equal(key, slice_from(records[i].key)))
			return records[i].fn(r, value);
	return 0;
}

/* "LENGTH KEY=VALUE\n", one behind the other. */
static int read_records(struct tar_reader *r)
{
	struct slice bytes = r->extension.len ? buf_slice(&r->extension) : SLICE_LITERAL("");
	const char *at = bytes.data, *end = at + bytes.len;
	int rc = 0;

	while (rc == 0 && at < end) {
		const char *begin = at;
		int64_t len;
		if (!read_digits(&at, end, end - begin, &len) || at == end || *at++ != ' ')
			return -ERR_BAD_REQUEST;
		const char *last = begin + len - 1, *equals = at < last ? memchr(at, '=', (size_t)(last - at)) : NULL;
		if (!equals || *last != '\n')
			return -ERR_BAD_REQUEST;
		rc = take_record(r, (struct slice){at, (size_t)(equals - at)},
				 (struct slice){equals + 1, (size_t)(last - equals - 1)});
		at = last + 1;
	}
	return rc;
}

/* What holds for all entries that follow: of that only a time can be meant. */
static int read_presets(struct tar_reader *r)
{
	int rc = read_records(r);

	if (rc == 0 && (r->has_name || r->has_target || r->has_size))
		return -ERR_BAD_REQUEST;
	r->has_preset = r->has_mtime;
	r->preset_ns = r->mtime_ns;
	r->has_mtime = false;
	return rc;
}

/* With a NUL behind it. */
static struct slice long_text(const struct tar_reader *r)
{
	return r->extension.len ? text_of(r->extension.data, r->extension.len) : (struct slice){0};
}

static int read_name(struct tar_reader *r)
{
	return take_name(r, long_text(r));
}

static int read_target(struct tar_reader *r)
{
	return take_target(r, long_text(r));
}

static const struct {
	char type;
	int (*fn)(struct tar_reader *r);
} extensions[] = {
    {'x', read_records}, {'X', read_records}, /* Solaris */
    {'g', read_presets},
    {'L', read_name},    {'K', read_target},  /* GNU */
};

static bool is_extension(char type)
{
	for (size_t i = 0; i < ARRAY_LEN(extensions); i++)
		if (extensions[i].type == type)
			return true;
	return false;
}

static int read_extension(struct tar_reader *r, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(extensions); i++)
		if (extensions[i].type == r->block.type)
			rc = extensions[i].fn(r);
	if (rc == -ERR_INVALID_FIELD)
		return err_set(err, ERR_BAD_REQUEST, "The archive has a file with holes; write it without --sparse.");
	if (rc == -ERR_BAD_REQUEST || rc == -ERR_TOO_LARGE)
		return is_damaged(err);
	return rc;
}

/* --- entries --- */

static const struct {
	char type;
	enum pack_type as;
	bool hard_link;
} types[] = {
    {'0', PACK_FILE, false}, {'\0', PACK_FILE, false},     {'7', PACK_FILE, false},
    {'1', PACK_FILE, true},  {'5', PACK_DIRECTORY, false}, {'2', PACK_LINK, false},
};

static int read_type(const struct tar_reader *r, struct tar_entry *entry)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (types[i].type != r->block.type)
			continue;
		entry->type = types[i].as;
		entry->hard_link = types[i].hard_link;
		return 0;
	}
	return -ERR_BAD_REQUEST;
}

/* Only ustar has a prefix: GNU tar keeps other things there. */
static int make_name(struct tar_reader *r)
{
	const struct tar_header *block = &r->block;
	struct slice prefix = text_of(block->prefix, sizeof(block->prefix));
	struct slice name = text_of(block->name, sizeof(block->name));
	bool ustar = memcmp(block->magic, "ustar", sizeof(block->magic)) == 0;

	if (r->has_name)
		return 0;
	buf_clear(&r->name);
	int rc = ustar && prefix.len ? buf_append(&r->name, prefix.data, prefix.len) : 0;
	if (rc == 0 && r->name.len)
		rc = buf_append(&r->name, "/", 1);
	return rc < 0 ? rc : buf_append(&r->name, name.data, name.len);
}

static int make_target(struct tar_reader *r)
{
	return r->has_target ? 0 : put_text(&r->target, text_of(r->block.target, sizeof(r->block.target)));
}

/* As V7 had them, and as old programs wrote them. */
static bool is_directory_by_name(const struct tar_reader *r)
{
	return (r->block.type == '\0' || r->block.type == '0') && r->name.len && r->name.data[r->name.len - 1] == '/';
}

static int64_t time_of(const struct tar_reader *r, int64_t seconds)
{
	if (r->has_mtime)
		return r->mtime_ns;
	if (r->has_preset)
		return r->preset_ns;
	return MAX_OF(MIN_OF(seconds, SECONDS_MAX), -SECONDS_MAX) * (int64_t)NS_PER_SEC;
}

static int read_entry(struct tar_reader *r, int64_t size, struct tar_entry *ret_entry, struct err *err)
{
	struct tar_entry entry = {0};
	int64_t mode, seconds;
	int rc = make_name(r);

	if (rc == 0)
		rc = make_target(r);
	if (rc < 0)
		return rc;
	if (read_type(r, &entry) < 0)
		return err_set(err, ERR_BAD_REQUEST, "The archive has something that is no file, directory or link (type '%c').",
			       r->block.type > ' ' && r->block.type < 0x7f ? r->block.type : '?');
	if (!READ_NUMBER(r->block.mode, &mode) || !READ_NUMBER(r->block.mtime, &seconds))
		return is_damaged(err);
	if (is_directory_by_name(r))
		entry.type = PACK_DIRECTORY;
	entry.name = buf_slice(&r->name);
	if (entry.type == PACK_LINK || entry.hard_link)
		entry.target = buf_slice(&r->target);
	else if (entry.type == PACK_FILE) /* what others say of a size has none behind it */
		entry.size = r->has_size ? r->size : (uint64_t)size;
	entry.mode = (uint32_t)mode & PACK_MODE_MASK;
	entry.mtime_ns = time_of(r, seconds);
	r->left = entry.size;
	*ret_entry = entry;
	return 0;
}

/* --- step by step: a step returns an event, GO_ON for the next step, or a negative code --- */

#define GO_ON TAR_EVENTS

static int not_tar(const struct tar_reader *r, struct err *err)
{
	return r->has_first ? is_damaged(err)
			    : err_set(err, ERR_BAD_REQUEST, "The body is not a tar archive; one that is compressed must be sent as plain tar.");
}

static int step_block(struct tar_reader *r, struct slice *input, struct tar_piece *piece, struct err *err)
{
	struct slice part = take(input, sizeof(r->block) - r->have);
	int64_t size;

	if (part.len)
		memcpy((char *)&r->block + r->have, part.data, part.len);
	r->have += part.len;
	if (r->have < sizeof(r->block))
		return TAR_MORE;
	r->have = 0;
	if (is_zero(&r->block)) {
		r->state = AT_END;
		return GO_ON;
	}
	if (!sum_is_right(&r->block))
		return not_tar(r, err);
	r->has_first = true;
	if (!READ_NUMBER(r->block.size, &size) || size < 0 || size > NUMBER_MAX)
		return is_damaged(err);
	if (is_extension(r->block.type)) {
		buf_clear(&r->extension);
		r->left = (uint64_t)size;
		r->state = AT_EXTENSION;
		r->padding = tar_padding(r->left);
		return r->left > EXTENSION_BYTES_MAX ? is_damaged(err) : GO_ON;
	}
	int rc = read_entry(r, size, &piece->entry, err);
	r->has_name = r->has_target = r->has_size = r->has_mtime = false;
	r->state = AT_CONTENT;
	r->padding = tar_padding(r->left);
	return rc < 0 ? rc : TAR_ENTRY;
}

static int step_extension(struct tar_reader *r, struct slice *input, struct tar_piece *piece _unused_, struct err *err)
{
	struct slice part = take(input, r->left);
	int rc = buf_append(&r->extension, part.data, part.len);

	r->left -= part.len;
	if (rc < 0 || r->left)
		return rc < 0 ? rc : TAR_MORE;
	r->state = AT_PADDING;
	rc = read_extension(r, err);
	return rc < 0 ? rc : GO_ON;
}

static int step_content(struct tar_reader *r, struct slice *input, struct tar_piece *piece, struct err *err _unused_)
{
	if (r->left == 0) {
		r->state = AT_PADDING;
		return GO_ON;
	}
	piece->data = take(input, MIN_OF(r->left, SIZE_MAX));
	r->left -= piece->data.len;
	return piece->data.len ? TAR_DATA : TAR_MORE;
}

static int step_padding(struct tar_reader *r, struct slice *input, struct tar_piece *piece _unused_, struct err *err _unused_)
{
	r->padding -= (unsigned)take(input, r->padding).len;
	if (r->padding)
		return TAR_MORE;
	r->state = AT_BLOCK;
	return GO_ON;
}

/* Whatever is behind the end: programs fill up to a multiple of more than a block. */
static int step_end(struct tar_reader *r _unused_, struct slice *input, struct tar_piece *piece _unused_, struct err *err _unused_)
{
	take(input, input->len);
	return TAR_MORE;
}

int tar_read(struct tar_reader *reader, struct slice *input, struct tar_piece *ret_piece, struct err *err)
{
	static int (*const steps[STATES])(struct tar_reader *r, struct slice *input, struct tar_piece *piece, struct err *err) = {
	    [AT_BLOCK] = step_block,	 [AT_EXTENSION] = step_extension, [AT_CONTENT] = step_content,
	    [AT_PADDING] = step_padding, [AT_END] = step_end,
	};
	int event;

	do
		event = steps[reader->state](reader, input, ret_piece, err);
	while (event == GO_ON);
	if (event == -ERR_NO_MEMORY)
		err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	return event;
}
