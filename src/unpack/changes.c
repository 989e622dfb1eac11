/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walk goes breadth first and without recursion, and looks at every file's content: time stamps are the program's
 * to set. What it needs grows with what a program has left, so all of it has a bound, beyond which the verdict is
 * that the session would be too large; then nothing of the run is kept.
 */
#define _GNU_SOURCE
#include "unpack/changes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/util.h"
#include "ipc/check.h"
#include "unpack/beneath.h"

#define DIRECTORY_BYTES (4 * MIB)  /* of the names of directories that wait to be looked at */
#define ENTRIES_BYTES   (32 * KIB)
#define READ_BYTES      (64 * KIB)

static const char *const root_names[PACK_ROOTS] = {[PACK_WORK] = "work", [PACK_HOME] = "home"};

struct known {
	struct pack_entry entry;
	struct slice path, target;
	bool seen;
};

struct walk {
	int root_fd, out_fd;
	bool follow;
	unsigned root;
	const struct collect_wanted *wanted;
	struct collect_found *found;
	uint64_t entries, bytes;          /* of the session, as it now is */
	uint32_t skipped;
	size_t directories_used, directories_done;
	char directories[DIRECTORY_BYTES]; /* paths below the root, each with its NUL; the root is "" */
	char path[PACK_PATH_BYTES + 1];
	char target[PACK_TARGET_BYTES + 1];
	_Alignas(struct kernel_dirent) char entry_bytes[ENTRIES_BYTES];
	char content[READ_BYTES];
};

static struct known *known;

static void *take_memory(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

/* --- what is known --- */

static bool take_known(struct known *one, const char **at, const char *end)
{
	size_t pad = -(uintptr_t)*at % 8;

	if ((size_t)(end - *at) < pad + sizeof(one->entry))
		return false;
	memcpy(&one->entry, *at + pad, sizeof(one->entry));
	*at += pad + sizeof(one->entry);
	uint64_t path = one->entry.path_bytes, target = one->entry.target_bytes;
	if (path > PACK_PATH_BYTES || target > PACK_TARGET_BYTES || (uint64_t)(end - *at) < path + target + 2)
		return false;
	one->path = (struct slice){*at, path};
	one->target = (struct slice){*at + path + 1, target};
	*at += path + 1 + (one->entry.type == PACK_LINK ? target + 1 : 0);
	return one->entry.root < PACK_ROOTS && one->entry.type < PACK_TYPES;
}

static int read_all(int fd, char *bytes, uint64_t len, uint64_t at)
{
	for (uint64_t done = 0; done < len;) {
		ssize_t n = pread(fd, bytes + done, len - done, (off_t)(at + done));
		if (n <= 0)
			return -1;
		done += (uint64_t)n;
	}
	return 0;
}

int changes_read_known(int in_fd, const struct collect_wanted *wanted)
{
	uint64_t len = wanted->total_bytes - wanted->known_at;

	errno = EBADMSG;
	if (wanted->known_count > PACK_ENTRIES_MAX || len > PACK_INDEX_BYTES)
		return -1;
	/* bytes behind it, as each entry is read with two NULs */
	char *bytes = take_memory(len + 16);
	known = take_memory((wanted->known_count + 1) * sizeof(*known));
	if (!bytes || !known || wanted->known_at % 8 || read_all(in_fd, bytes, len, wanted->known_at) < 0)
		return -1;
	const char *at = bytes;
	for (uint32_t i = 0; i < wanted->known_count; i++)
		if (!take_known(&known[i], &at, bytes + len + 1)) {
			errno = EBADMSG;
			return -1;
		}
	return 0;
}

/* Where the path is, or would be. */
static size_t place_of(const struct walk *w, struct slice path)
{
	size_t low = 0, high = w->wanted->known_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (pack_compare(known[middle].entry.root, known[middle].path, w->root, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_at(const struct walk *w, size_t place, struct slice path)
{
	return place < w->wanted->known_count && known[place].entry.root == w->root && slice_equal(known[place].path, path);
}

/* The known entry of a path; NULL: there is none. */
static struct known *find(const struct walk *w, struct slice path)
{
	size_t place = place_of(w, path);

	return is_at(w, place, path) ? &known[place] : NULL;
}

/* What cannot be looked at is not said to be gone, nor is what was below it. */
static void leave(const struct walk *w, struct slice path)
{
	for (size_t i = place_of(w, path); i < w->wanted->known_count && known[i].entry.root == w->root; i++) {
		bool below = pack_is_below(known[i].path, path);
		if (below || is_at(w, i, path))
			known[i].seen = true;
		else if (known[i].path.len < path.len || memcmp(known[i].path.data, path.data, path.len) != 0)
			return;
	}
}

/* --- writing --- */

static int put_change(struct walk *w, const struct collect_change *change, struct slice path, struct slice target)
{
	off_t begin;

	if (beneath_begin_record(w->out_fd, &begin) < 0 || fd_write_all(w->out_fd, change, sizeof(*change)) < 0 ||
	    fd_write_all(w->out_fd, path.data, path.len) < 0 || fd_write_all(w->out_fd, "", 1) < 0)
		return -1;
	if (change->entry.type == PACK_LINK &&
	    (fd_write_all(w->out_fd, target.data, target.len) < 0 || fd_write_all(w->out_fd, "", 1) < 0))
		return -1;
	w->found->change_count++;
	return 0;
}

static int put_skipped(struct walk *w, struct slice path, enum collect_skip skip)
{
	struct collect_change change = {
	    .skip = skip,
	    .entry = {.path_bytes = (uint32_t)path.len, .root = (uint8_t)w->root, .type = PACK_GONE},
	};

	leave(w, path);
	w->found->skipped++;
	return w->skipped++ < COLLECT_SKIPPED_MAX ? put_change(w, &change, path, (struct slice){0}) : 0;
}

static bool is_same(const struct known *one, const struct pack_entry *entry, struct slice target)
{
	return one && one->entry.type == entry->type && one->entry.mode == entry->mode &&
	       one->entry.mtime_ns == entry->mtime_ns && one->entry.size == entry->size &&
	       one->entry.check == entry->check && slice_equal(one->target, target);
}

/* An entry without content. */
static int put_plain(struct walk *w, const struct known *one, struct slice path, const struct pack_entry *entry,
		     struct slice target)
{
	struct collect_change change = {.entry = *entry};

	return is_same(one, entry, target) ? 0 : put_change(w, &change, path, target);
}

/* --- files, links, directories --- */

/* The sum of its content, if it has as many bytes as it says. */
static bool sum_up(struct walk *w, int fd, uint64_t bytes, uint64_t *ret_check)
{
	struct check check;
	ssize_t n;

	check_init(&check);
	while ((n = read(fd, w->content, sizeof(w->content))) > 0)
		check_add(&check, w->content, (size_t)n);
	*ret_check = check_end(&check);
	return n == 0 && check.bytes == bytes;
}

/* One that changes while it is read, by a program that lives on, is left as it was known. */
static int put_content(struct walk *w, int fd, struct slice path, const struct pack_entry *entry)
{
	struct collect_change change = {.entry = *entry};
	off_t begin = lseek(w->out_fd, 0, SEEK_CUR);

	if (begin < 0 || lseek(fd, 0, SEEK_SET) < 0 || put_change(w, &change, path, (struct slice){0}) < 0)
		return -1;
	if (beneath_copy(w->out_fd, fd, entry->size))
		return 0;
	w->found->change_count--;
	if (ftruncate(w->out_fd, begin) < 0 || lseek(w->out_fd, begin, SEEK_SET) < 0)
		return -1;
	return put_skipped(w, path, COLLECT_CHANGED);
}

static int take_file(struct walk *w, const struct known *one, struct slice path, int fd, const struct stat *st)
{
	struct pack_entry entry = {
	    .path_bytes = (uint32_t)path.len,
	    .root = (uint8_t)w->root,
	    .type = PACK_FILE,
	    .mode = st->st_mode & PACK_MODE_MASK,
	    .mtime_ns = st->st_mtim.tv_sec * (int64_t)NS_PER_SEC + st->st_mtim.tv_nsec,
	    .size = (uint64_t)st->st_size,
	};

	if (entry.size > w->wanted->session_bytes ||
	    collect_rounded(entry.size) > w->wanted->session_bytes - w->bytes) {
		w->found->verdict = COLLECT_TOO_LARGE; /* holes in files are bytes here */
		return 0;
	}
	w->bytes += collect_rounded(entry.size);
	if (!sum_up(w, fd, entry.size, &entry.check))
		return put_skipped(w, path, COLLECT_CHANGED);
	return is_same(one, &entry, (struct slice){0}) ? 0 : put_content(w, fd, path, &entry);
}

static bool keep_directory(struct walk *w, struct slice path)
{
	if (path.len + 1 > sizeof(w->directories) - w->directories_used)
		return false;
	memcpy(w->directories + w->directories_used, path.data, path.len + 1);
	w->directories_used += path.len + 1;
	return true;
}

static int take_directory(struct walk *w, const struct known *one, struct slice path, const struct stat *st)
{
	struct pack_entry entry = {
	    .path_bytes = (uint32_t)path.len,
	    .root = (uint8_t)w->root,
	    .type = PACK_DIRECTORY,
	    .mode = st->st_mode & PACK_MODE_MASK,
	};

	if (!keep_directory(w, path)) {
		w->found->verdict = COLLECT_TOO_MANY;
		return 0;
	}
	return put_plain(w, one, path, &entry, (struct slice){0});
}

static int take_link(struct walk *w, const struct known *one, struct slice path, int dir_fd, const char *name)
{
	struct pack_entry entry = {
	    .path_bytes = (uint32_t)path.len, .root = (uint8_t)w->root, .type = PACK_LINK};
	ssize_t len = syscall(SYS_readlinkat, dir_fd, name, w->target, sizeof(w->target));

	if (len < 0 || len > PACK_TARGET_BYTES)
		return put_skipped(w, path, len < 0 ? COLLECT_CHANGED : COLLECT_NAME);
	w->target[len] = '\0';
	entry.target_bytes = (uint32_t)len;
	return put_plain(w, one, path, &entry, (struct slice){w->target, (size_t)len});
}

static int take_opened(struct walk *w, const struct known *one, struct slice path, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return put_skipped(w, path, COLLECT_UNREADABLE);
	if (S_ISDIR(st.st_mode))
		return take_directory(w, one, path, &st);
	return S_ISREG(st.st_mode) ? take_file(w, one, path, fd, &st) : put_skipped(w, path, COLLECT_NOT_A_FILE);
}

/* --- the walk --- */

/* Whether the path, or a directory above it, is not to be looked at. */
static bool is_hidden(const struct known *one)
{
	return one && one->entry.type == PACK_GONE;
}

static int take_entry(struct walk *w, int dir_fd, const struct kernel_dirent *entry, struct slice path)
{
	struct known *one = find(w, path);

	if (is_hidden(one))
		return 0;
	if (one)
		one->seen = true;
	if (++w->entries > w->wanted->entries_most) {
		w->found->verdict = COLLECT_TOO_MANY;
		return 0;
	}
	if (entry->type == DT_LNK && !w->follow)
		return take_link(w, one, path, dir_fd, entry->name);
	_close_ int fd = beneath_open(dir_fd, entry->name, w->follow);
	return fd < 0 ? put_skipped(w, path, beneath_skip(errno)) : take_opened(w, one, path, fd);
}

/* w->path holds the directory's path, of that length, and a slash unless it is the root. */
static int take_named(struct walk *w, int dir_fd, const struct kernel_dirent *entry, size_t len)
{
	size_t name = strlen(entry->name);

	if (len + name > PACK_PATH_BYTES)
		return put_skipped(w, (struct slice){w->path, len ? len - 1 : 0}, COLLECT_NAME);
	memcpy(w->path + len, entry->name, name + 1);
	return take_entry(w, dir_fd, entry, (struct slice){w->path, len + name});
}

static int take_all(struct walk *w, int dir_fd, size_t len)
{
	long n;
	int rc = 0;

	while ((n = syscall(SYS_getdents64, dir_fd, w->entry_bytes, sizeof(w->entry_bytes))) > 0) {
		for (long at = 0; at < n && rc == 0 && !w->found->verdict;) {
			const struct kernel_dirent *entry = (const void *)(w->entry_bytes + at);
			if (!beneath_is_dots(entry->name))
				rc = take_named(w, dir_fd, entry, len);
			at += entry->length;
		}
		if (rc < 0 || w->found->verdict)
			return rc;
	}
	return n < 0 ? -1 : 0;
}

/* The next one of those that wait: "" is the root itself. */
static int walk_directory(struct walk *w, int root_fd)
{
	const char *directory = w->directories + w->directories_done;
	size_t len = strlen(directory);
	_close_ int fd = beneath_open(root_fd, len ? directory : ".", w->follow);

	w->directories_done += len + 1;
	if (fd < 0)
		return put_skipped(w, (struct slice){directory, len}, COLLECT_UNREADABLE);
	memcpy(w->path, directory, len);
	if (len)
		w->path[len++] = '/';
	return take_all(w, fd, len);
}

static int walk_root(struct walk *w)
{
	_close_ int fd = beneath_open(w->root_fd, root_names[w->root], false);
	struct stat st;
	int rc = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	if (w->root == PACK_HOME)
		w->found->complete = !(st.st_mode & (PAYLOAD_HOME_MODE & ~PACK_MODE_MASK));
	w->directories_used = w->directories_done = 0;
	keep_directory(w, SLICE_LITERAL(""));
	while (rc == 0 && !w->found->verdict && w->directories_done < w->directories_used)
		rc = walk_directory(w, fd);
	return rc;
}

/* What is below something that is gone is gone with it: not said again. */
static int put_gone(struct walk *w)
{
	const struct known *above = NULL;
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < w->wanted->known_count; i++) {
		const struct known *one = &known[i];
		struct collect_change change = {.entry = {.path_bytes = one->entry.path_bytes, .root = one->entry.root, .type = PACK_GONE}};

		if (one->seen || (above && above->entry.root == one->entry.root && pack_is_below(one->path, above->path)))
			continue;
		above = one;
		if (!is_hidden(one))
			rc = put_change(w, &change, one->path, (struct slice){0});
	}
	return rc;
}

int changes_run(int root_fd, int out_fd, bool follow, const struct collect_wanted *wanted, struct collect_found *found)
{
	struct walk *w = take_memory(sizeof(*w));
	int rc = 0;

	if (!w)
		return -1;
	w->root_fd = root_fd;
	w->out_fd = out_fd;
	w->follow = follow;
	w->wanted = wanted;
	w->found = found;
	for (w->root = 0; rc == 0 && w->root < PACK_ROOTS && !found->verdict; w->root++)
		rc = walk_root(w);
	if (rc == 0 && !found->verdict)
		rc = put_gone(w);
	found->changes = 1;
	return rc;
}
