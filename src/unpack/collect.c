/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "unpack/collect.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/util.h"
#include "ipc/collect.h"
#include "unpack/beneath.h"
#include "unpack/changes.h"

#define WANTED_BYTES_MAX (sizeof(struct collect_wanted) + COLLECT_NAMES_MAX * (PAYLOAD_NAME_BYTES + 1ul))
#define SEEN_MAX         4096 /* names that are looked at; a directory with more is not read to its end */
#define NAMES_BYTES      (512 * KIB)
#define DEPTH_MAX        16
#define ENTRIES_BYTES    (32 * KIB)

/* Mapped when it is needed, and not static: every launcher would have it too. */
struct collector {
	int dir_fd, out_fd;
	bool follow;
	struct collect_wanted wanted;
	struct collect_found found;
	uint64_t bytes;                /* of the files taken */
	uint32_t files, records_skipped;
	const char *seen[SEEN_MAX];    /* found below COLLECT_DIR and not looked at yet, directories too */
	unsigned seen_count;
	size_t names_used;
	char names[NAMES_BYTES];
	char wanted_bytes[WANTED_BYTES_MAX];
	_Alignas(struct kernel_dirent) char entries[ENTRIES_BYTES];
};

static int open_in_work(const struct collector *c, const char *name)
{
	return beneath_open(c->dir_fd, name, c->follow);
}

static enum collect_skip skip_of_file(const struct collector *c, const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return COLLECT_NOT_A_FILE;
	if (st->st_nlink > 1)
		return COLLECT_LINK;
	if (c->files >= c->wanted.files_most)
		return COLLECT_TOO_MANY;
	return (uint64_t)st->st_size > c->wanted.bytes_most - c->bytes ? COLLECT_TOO_LARGE : COLLECT_TAKEN;
}

/* --- writing --- */

static int put_head(struct collector *c, const char *name, enum collect_skip skip, uint64_t data_bytes)
{
	struct collect_file file = {.skip = skip,
	                            .name_bytes = (uint32_t)strnlen(name, PAYLOAD_NAME_BYTES),
	                            .data_bytes = data_bytes};

	if (fd_write_all(c->out_fd, &file, sizeof(file)) < 0 ||
	    fd_write_all(c->out_fd, name, file.name_bytes) < 0 || fd_write_all(c->out_fd, "", 1) < 0)
		return -1;
	c->found.count++;
	return 0;
}

static int put_skipped(struct collector *c, const char *name, enum collect_skip skip)
{
	off_t begin;

	c->found.skipped++;
	if (c->records_skipped >= COLLECT_SKIPPED_MAX)
		return 0;
	c->records_skipped++;
	return beneath_begin_record(c->out_fd, &begin) < 0 ? -1 : put_head(c, name, skip, 0);
}

/* A file that turns out to be another than it said leaves only its name. */
static int put_file(struct collector *c, const char *name, int fd, uint64_t bytes)
{
	off_t begin;

	if (beneath_begin_record(c->out_fd, &begin) < 0 || put_head(c, name, COLLECT_TAKEN, bytes) < 0)
		return -1;
	if (beneath_copy(c->out_fd, fd, bytes)) {
		c->files++;
		c->bytes += bytes;
		return 0;
	}
	c->found.count--;
	if (ftruncate(c->out_fd, begin) < 0 || lseek(c->out_fd, begin, SEEK_SET) < 0)
		return -1;
	return put_skipped(c, name, COLLECT_CHANGED);
}

static int put_opened(struct collector *c, const char *name, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return put_skipped(c, name, COLLECT_UNREADABLE);
	enum collect_skip skip = skip_of_file(c, &st);
	return skip ? put_skipped(c, name, skip) : put_file(c, name, fd, (uint64_t)st.st_size);
}

/* --- the directory --- */

/* A name that can be told in JSON and in a terminal: UTF-8 (RFC 3629) without control characters. */
static bool name_is_text(const char *name)
{
	const unsigned char *at = (const unsigned char *)name;

	while (*at) {
		unsigned more = *at < 0x80 ? 0 : *at < 0xe0 ? 1 : *at < 0xf0 ? 2 : 3;
		uint32_t point = more ? *at & (0x3fu >> more) : *at;
		if (*at < 0x20 || *at == 0x7f || (*at >= 0x80 && *at < 0xc2) || *at > 0xf4)
			return false;
		at++;
		for (unsigned i = 0; i < more; i++, at++) {
			if ((*at & 0xc0) != 0x80)
				return false;
			point = point << 6 | (*at & 0x3f);
		}
		if ((more == 1 && point < 0xa0) || (more == 2 && (point < 0x800 || (point >> 11) == 0x1b)) ||
		    (more == 3 && (point < 0x10000 || point > 0x10ffff)))
			return false;
	}
	return true;
}

static unsigned depth_of(const char *name)
{
	unsigned depth = 0;

	while ((name = strchr(name, '/'))) {
		depth++;
		name++;
	}
	return depth;
}

/* Keeps "directory/entry" for later; false when there is no room. */
static bool keep_name(struct collector *c, const char *directory, const char *entry)
{
	size_t before = strlen(directory), len = before + 1 + strlen(entry) + 1;

	if (c->seen_count == SEEN_MAX || len > NAMES_BYTES - c->names_used)
		return false;
	char *name = c->names + c->names_used;
	memcpy(name, directory, before);
	name[before] = '/';
	strcpy(name + before + 1, entry);
	c->names_used += len;
	c->seen[c->seen_count++] = name;
	return true;
}

/* True when all of the directory's entries were kept. */
static bool list(struct collector *c, const char *directory, int fd)
{
	long n;

	while ((n = syscall(SYS_getdents64, fd, c->entries, sizeof(c->entries))) > 0) {
		for (long at = 0; at < n;) {
			const struct kernel_dirent *entry = (const void *)(c->entries + at);
			if (!beneath_is_dots(entry->name) && !keep_name(c, directory, entry->name))
				return false;
			at += entry->length;
		}
	}
	return n == 0;
}

/* plot_2 before plot_10, so that the first ones are taken where not all can be. */
static void sort(const char **names, unsigned count)
{
	for (unsigned gap = count / 2; gap; gap /= 2)
		for (unsigned i = gap; i < count; i++) {
			const char *name = names[i];
			unsigned at = i;
			for (; at >= gap && strverscmp(names[at - gap], name) > 0; at -= gap)
				names[at] = names[at - gap];
			names[at] = name;
		}
}

static int open_listed(struct collector *c, const char *name)
{
	if (strlen(name) > PAYLOAD_NAME_BYTES || depth_of(name) > DEPTH_MAX || !name_is_text(name)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open_in_work(c, name);
}

static int take_listed(struct collector *c, const char *name)
{
	_close_ int fd = open_listed(c, name);
	struct stat st;

	if (fd < 0)
		return put_skipped(c, name, errno == ENAMETOOLONG ? COLLECT_NAME : beneath_skip(errno));
	if (fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode))
		return put_opened(c, name, fd);
	unsigned first = c->seen_count;
	bool all = list(c, name, fd);
	sort(c->seen + first, c->seen_count - first);
	return all ? 0 : put_skipped(c, name, COLLECT_TOO_MANY);
}

/* Breadth first, without recursion; COLLECT_DIR need not be there. */
static int take_directory(struct collector *c)
{
	_close_ int fd = open_in_work(c, COLLECT_DIR);
	struct stat st;
	int rc = 0;

	if (fd < 0)
		return errno == ENOENT ? 0 : put_skipped(c, COLLECT_DIR, beneath_skip(errno));
	if (fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode))
		return put_skipped(c, COLLECT_DIR, COLLECT_NOT_A_FILE);
	if (!list(c, COLLECT_DIR, fd))
		rc = put_skipped(c, COLLECT_DIR, COLLECT_TOO_MANY);
	sort(c->seen, c->seen_count);
	for (unsigned i = 0; rc == 0 && i < c->seen_count; i++)
		rc = take_listed(c, c->seen[i]);
	return rc;
}

/* --- the names of the request --- */

static bool is_below_directory(const char *name)
{
	size_t len = strlen(COLLECT_DIR);

	return strncmp(name, COLLECT_DIR, len) == 0 && name[len] == '/';
}

static int take_named(struct collector *c, const char *name)
{
	if (c->wanted.directory && is_below_directory(name))
		return 0; /* comes with the directory */
	_close_ int fd = open_in_work(c, name);
	return fd < 0 ? put_skipped(c, name, beneath_skip(errno)) : put_opened(c, name, fd);
}

static int take_names(struct collector *c, const char *at, const char *end)
{
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < c->wanted.name_count; i++) {
		const char *nul = memchr(at, '\0', (size_t)(end - at));
		if (!nul) {
			errno = EBADMSG;
			return -1;
		}
		rc = take_named(c, at);
		at = nul + 1;
	}
	return rc;
}

/* --- all of it --- */

static int read_wanted(struct collector *c, char *bytes, ssize_t len)
{
	struct collect_wanted *wanted = &c->wanted;

	errno = EBADMSG;
	if (len < (ssize_t)sizeof(*wanted))
		return -1;
	memcpy(wanted, bytes, sizeof(*wanted));
	if (wanted->magic != COLLECT_MAGIC || wanted->name_count > COLLECT_NAMES_MAX ||
	    wanted->bytes_most > COLLECT_BYTES_MAX || wanted->known_at < sizeof(*wanted) ||
	    wanted->known_at > (uint64_t)len || wanted->known_at > wanted->total_bytes)
		return -1;
	return wanted->changes ? changes_read_known(c->out_fd, wanted) : 0;
}

static int put_found(struct collector *c)
{
	off_t end = lseek(c->out_fd, 0, SEEK_CUR);

	c->found.magic = COLLECT_MAGIC;
	c->found.total_bytes = (uint64_t)end;
	return end < 0 || pwrite(c->out_fd, &c->found, sizeof(c->found), 0) != (ssize_t)sizeof(c->found) ? -1 : 0;
}

static bool may_go(int go_fd)
{
	uint64_t count;

	return go_fd < 0 || read(go_fd, &count, sizeof(count)) == (ssize_t)sizeof(count);
}

int collect_run(int root_fd, int collect_fd, int go_fd, bool follow)
{
	struct collector *c = mmap(NULL, sizeof(*c), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (c == MAP_FAILED)
		return -1;
	char *bytes = c->wanted_bytes;
	ssize_t len = pread(collect_fd, bytes, sizeof(c->wanted_bytes), 0);
	c->out_fd = collect_fd;
	c->follow = follow;
	_close_ int work_fd = beneath_open(root_fd, "work", false);
	c->dir_fd = work_fd;
	if (work_fd < 0 || read_wanted(c, bytes, len) < 0 || !may_go(go_fd) || ftruncate(collect_fd, 0) < 0 ||
	    lseek(collect_fd, sizeof(c->found), SEEK_SET) < 0)
		return -1;
	if (take_names(c, bytes + sizeof(c->wanted), bytes + c->wanted.known_at) < 0 ||
	    (c->wanted.directory && take_directory(c) < 0))
		return -1;
	if (c->wanted.changes && changes_run(root_fd, collect_fd, follow, &c->wanted, &c->found) < 0)
		return -1;
	return put_found(c);
}
