/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "engine/collected.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/util.h"

/* Per record: its head, its name with the NUL, padding. */
#define RECORD_BYTES_MAX (sizeof(struct collect_file) + PAYLOAD_NAME_BYTES + 1 + 7)

static const char *const skip_names[COLLECT_SKIPS] = {
#define X(name, wire) [COLLECT_##name] = wire,
#include "ipc/collect.def"
#undef X
};

const char *collect_skip_name(enum collect_skip skip)
{
	return (unsigned)skip < COLLECT_SKIPS ? skip_names[skip] : "unknown";
}

/* --- asking --- */

static bool put_names(int fd, const struct slice *names, size_t count, uint64_t *total)
{
	for (size_t i = 0; i < count; i++) {
		if (fd_write_all(fd, names[i].data, names[i].len) < 0 || fd_write_all(fd, "", 1) < 0)
			return false;
		*total += names[i].len + 1;
	}
	return true;
}

static int put_known_item(struct buf *out, const struct pack_item *item)
{
	static const char zeros[8];
	struct pack_entry entry = {
	    .path_bytes = (uint32_t)item->path.len, .target_bytes = (uint32_t)item->target.len, .root = item->root,
	    .type = item->type, .mode = item->mode, .mtime_ns = item->mtime_ns, .size = item->size, .check = item->check};
	int rc = buf_append(out, zeros, (8 - out->len % 8) % 8);

	if (rc == 0)
		rc = buf_append(out, &entry, sizeof(entry));
	if (rc == 0)
		rc = buf_append(out, item->path.data, item->path.len);
	if (rc == 0)
		rc = buf_append(out, "", 1);
	if (rc == 0 && item->type == PACK_LINK)
		rc = buf_append(out, item->target.data, item->target.len);
	return rc == 0 && item->type == PACK_LINK ? buf_append(out, "", 1) : rc;
}

/* 8-aligned in the file. */
static bool put_known(int fd, const struct collected_known *known, struct collect_wanted *wanted)
{
	_buf_finish_ struct buf out;

	buf_init(&out, PACK_INDEX_BYTES);
	for (size_t i = 0; i < known->count; i++)
		if (put_known_item(&out, &known->items[i]) < 0)
			return false;
	wanted->changes = 1;
	wanted->known_count = (uint32_t)known->count;
	wanted->known_at = (wanted->known_at + 7) & ~UINT64_C(7);
	wanted->entries_most = known->entries_most;
	wanted->session_bytes = known->session_bytes;
	wanted->total_bytes = wanted->known_at + out.len;
	return lseek(fd, (off_t)wanted->known_at, SEEK_SET) >= 0 && ftruncate(fd, (off_t)wanted->known_at) == 0 &&
	       fd_write_all(fd, out.data, out.len) == 0;
}

int collected_ask(const struct slice *names, size_t count, bool directory, const struct collected_limits *limits,
		  const struct collected_known *known)
{
	struct collect_wanted wanted = {
	    .magic = COLLECT_MAGIC,
	    .name_count = (uint32_t)count,
	    .directory = directory,
	    .files_most = limits->files,
	    .bytes_most = limits->bytes,
	    .total_bytes = sizeof(wanted),
	};
	_close_ int fd = memfd_create("collect", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || lseek(fd, sizeof(wanted), SEEK_SET) < 0 || !put_names(fd, names, count, &wanted.total_bytes))
		return -1;
	wanted.known_at = wanted.total_bytes;
	if ((known && !put_known(fd, known, &wanted)) || pwrite(fd, &wanted, sizeof(wanted), 0) != (ssize_t)sizeof(wanted))
		return -1;
	return fd_steal(&fd);
}

/* --- reading --- */

struct reader {
	struct slice rest;
	const struct collected_limits *limits;
	uint64_t bytes;                  /* of data so far */
	uint32_t taken, skipped;
};

/* As unpack.c wants them of us: relative, and without an empty, "." or ".." component. */
static bool name_is_good(struct slice name)
{
	for (size_t at = 0; at <= name.len;) {
		const char *slash = memchr(name.data + at, '/', name.len - at);
		size_t part = (slash ? (size_t)(slash - name.data) : name.len) - at;
		if (part == 0 || (part <= 2 && memcmp(name.data + at, "..", part) == 0))
			return false;
		at += part + 1;
	}
	return true;
}

static bool head_is_good(struct reader *r, const struct collect_file *head)
{
	if (head->skip >= COLLECT_SKIPS || head->name_bytes == 0 || head->name_bytes > PAYLOAD_NAME_BYTES)
		return false;
	if (head->skip)
		return ++r->skipped <= COLLECT_SKIPPED_MAX && head->data_bytes == 0;
	if (++r->taken > r->limits->files || head->data_bytes > r->limits->bytes - r->bytes)
		return false;
	r->bytes += head->data_bytes;
	return true;
}

static bool take_file(struct reader *r, struct collected_file *file)
{
	struct collect_file head;
	const char *bytes = slice_take(&r->rest, -(uintptr_t)r->rest.data % 8) ? slice_take(&r->rest, sizeof(head)) : NULL;

	if (!bytes)
		return false;
	memcpy(&head, bytes, sizeof(head));
	if (!head_is_good(r, &head))
		return false;
	const char *name = slice_take(&r->rest, head.name_bytes + 1ull), *data = name ? slice_take(&r->rest, head.data_bytes) : NULL;
	if (!data || name[head.name_bytes] || memchr(name, '\0', head.name_bytes))
		return false;
	*file = (struct collected_file){{name, head.name_bytes}, {data, head.data_bytes}, (enum collect_skip)head.skip};
	return head.skip || name_is_good(file->name);
}

static bool found_is_good(const struct collect_found *found, size_t len, const struct collected_limits *limits)
{
	return found->magic == COLLECT_MAGIC && found->total_bytes == len &&
	       found->count <= limits->files + COLLECT_SKIPPED_MAX && found->verdict < COLLECT_SKIPS &&
	       (found->changes == 1) == (limits->session_bytes != 0) && found->changes <= 1 &&
	       (found->changes || !found->change_count) &&
	       found->change_count <= 2 * PACK_ENTRIES_MAX + COLLECT_SKIPPED_MAX;
}

int collected_parse(struct collected *ret_collected, const void *bytes, size_t len,
		    const struct collected_limits *limits)
{
	struct reader r = {.rest = {bytes, len}, .limits = limits};
	struct collect_found found;
	const char *head = slice_take(&r.rest, sizeof(found));

	if (!head)
		return -ERR_PROTOCOL;
	memcpy(&found, head, sizeof(found));
	if (!found_is_good(&found, len, limits))
		return -ERR_PROTOCOL;
	_free_ struct collected_file *files = calloc(found.count + 1ul, sizeof(*files));
	if (!files)
		return -ERR_NO_MEMORY;
	for (uint32_t i = 0; i < found.count; i++)
		if (!take_file(&r, &files[i]))
			return -ERR_PROTOCOL;
	if (found.skipped < r.skipped || (r.rest.len && !found.changes))
		return -ERR_PROTOCOL;
	if (found.change_count && !slice_take(&r.rest, -(uintptr_t)r.rest.data % 8))
		return -ERR_PROTOCOL;
	*ret_collected = (struct collected){
	    .files = steal_pointer(files), .count = found.count, .skipped = found.skipped, .found = found,
	    .changes = r.rest};
	return 0;
}

static uint64_t most_bytes(const struct collected_limits *limits)
{
	uint64_t session = limits->session_bytes ? limits->session_bytes + 2 * PACK_INDEX_BYTES : 0;

	return sizeof(struct collect_found) + limits->bytes + session +
	       (limits->files + COLLECT_SKIPPED_MAX) * (uint64_t)RECORD_BYTES_MAX;
}

int collected_read(struct collected *ret_collected, int fd, const struct collected_limits *limits)
{
	struct stat st;

	if (fd_seal(fd) < 0 || fstat(fd, &st) < 0)
		return -ERR_IO;
	if (st.st_size < (off_t)sizeof(struct collect_found) || (uint64_t)st.st_size > most_bytes(limits))
		return -ERR_PROTOCOL;
	void *map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return -ERR_NO_MEMORY;
	int rc = collected_parse(ret_collected, map, (size_t)st.st_size, limits);
	if (rc < 0) {
		munmap(map, (size_t)st.st_size);
		return rc;
	}
	ret_collected->map = map;
	ret_collected->map_bytes = (size_t)st.st_size;
	return 0;
}

void collected_finish(struct collected *collected)
{
	free(collected->files);
	if (collected->map)
		munmap(collected->map, collected->map_bytes);
	*collected = (struct collected){0};
}
