/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "image/contents.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/util.h"

static int fail(struct err *err, const char *path)
{
	return err_field(err, errno == ENOMEM ? ERR_NO_MEMORY : ERR_IO, path, "Cannot read %s: %s.",
			 path, strerror(errno));
}

/* Takes line. 0 or -1. */
static int add_line(struct contents *contents, char *line)
{
	if (!line)
		return -1;
	if (contents->count == contents->capacity) {
		size_t capacity = MAX_OF(contents->capacity * 2, (size_t)1024);
		char **lines = realloc(contents->lines, capacity * sizeof(*lines));
		if (!lines) {
			free(line);
			return -1;
		}
		contents->lines = lines;
		contents->capacity = capacity;
	}
	contents->lines[contents->count++] = line;
	return 0;
}

/* --- one line --- */

static void put_name(FILE *out, const char *name)
{
	for (; *name; name++) {
		unsigned char c = (unsigned char)*name;
		if (c < 0x20 || c == 0x7f || c == '\\')
			fprintf(out, "\\%03o", c);
		else
			putc(c, out);
	}
}

static int put_file(FILE *out, const FTSENT *entry)
{
	char digest[DIGEST_BYTES];
	_close_ int fd = open(entry->fts_accpath, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 || digest_fd(digest, fd) < 0)
		return -1;
	fprintf(out, " %llu %s", (unsigned long long)entry->fts_statp->st_size, digest);
	return 0;
}

static int put_link(FILE *out, const FTSENT *entry)
{
	char target[PATH_MAX];
	ssize_t len = readlink(entry->fts_accpath, target, sizeof(target) - 1);

	if (len < 0)
		return -1;
	target[len] = '\0';
	fputs(" -> ", out);
	put_name(out, target);
	return 0;
}

static char type_of(mode_t mode)
{
	return S_ISREG(mode) ? 'f' : S_ISDIR(mode) ? 'd' : S_ISLNK(mode) ? 'l' : 'o';
}

static int put_entry(FILE *out, const FTSENT *entry, const char *name)
{
	const struct stat *st = entry->fts_statp;

	put_name(out, name);
	fprintf(out, "\t%c %04o %u:%u", type_of(st->st_mode), st->st_mode & 07777u, st->st_uid,
		st->st_gid);
	if (S_ISREG(st->st_mode))
		return put_file(out, entry);
	return S_ISLNK(st->st_mode) ? put_link(out, entry) : 0;
}

static int scan_entry(struct contents *contents, const FTSENT *entry, const char *name)
{
	char *line = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&line, &len);

	if (!out)
		return -1;
	int rc = put_entry(out, entry, name);
	if (fclose(out) != 0 || rc < 0) {
		free(line);
		return -1;
	}
	if (S_ISREG(entry->fts_statp->st_mode)) {
		contents->files++;
		contents->bytes += (uint64_t)entry->fts_statp->st_size;
	}
	return add_line(contents, line);
}

/* --- the tree --- */

/* A tab ends the path and is below every symbol of one, so the order of lines is that of paths. */
static int by_line(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int scan_tree(struct contents *contents, FTS *fts, size_t root_len, struct err *err)
{
	for (FTSENT *entry; (entry = fts_read(fts));) {
		bool told = entry->fts_info == FTS_DP || entry->fts_level == FTS_ROOTLEVEL;
		if (entry->fts_info == FTS_ERR || entry->fts_info == FTS_DNR ||
		    entry->fts_info == FTS_NS) {
			errno = entry->fts_errno;
			return fail(err, entry->fts_path);
		}
		if (!told && scan_entry(contents, entry, entry->fts_path + root_len + 1) < 0)
			return fail(err, entry->fts_path);
	}
	return 0;
}

int contents_scan(struct contents *ret_contents, const char *root, struct err *err)
{
	struct contents contents = {0};
	char *const paths[] = {(char *)root, NULL};
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);

	if (!fts)
		return fail(err, root);
	int rc = scan_tree(&contents, fts, strlen(root), err);
	fts_close(fts);
	if (rc < 0) {
		contents_finish(&contents);
		return rc;
	}
	if (contents.count > 0)
		qsort(contents.lines, contents.count, sizeof(*contents.lines), by_line);
	*ret_contents = contents;
	return 0;
}

/* --- the list --- */

static int digest_file(const char *path, char digest[static DIGEST_BYTES])
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -1 : digest_fd(digest, fd);
}

int contents_save(const struct contents *contents, const char *path,
		  char digest[static DIGEST_BYTES], struct err *err)
{
	FILE *out = fopen(path, "we");
	int rc = 0;

	for (size_t i = 0; out && i < contents->count; i++)
		fprintf(out, "%s\n", contents->lines[i]);
	if (!out || fflush(out) != 0 || fsync(fileno(out)) < 0 || digest_file(path, digest) < 0)
		rc = err_field(err, ERR_IO, path, "Cannot write %s: %s.", path, strerror(errno));
	if (out)
		fclose(out);
	return rc;
}

static int load_lines(struct contents *contents, FILE *in)
{
	_free_ char *line = NULL;
	size_t capacity = 0;

	for (ssize_t len; (len = getline(&line, &capacity, in)) > 0;) {
		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		if (add_line(contents, strdup(line)) < 0)
			return -1;
	}
	return ferror(in) ? -1 : 0;
}

int contents_load(struct contents *ret_contents, const char *path, char digest[static DIGEST_BYTES],
		  struct err *err)
{
	struct contents contents = {0};
	FILE *in = fopen(path, "re");

	if (!in)
		return fail(err, path);
	int rc = load_lines(&contents, in);
	if (rc == 0)
		rc = digest_file(path, digest);
	if (rc < 0)
		rc = fail(err, path);
	fclose(in);
	if (rc < 0)
		contents_finish(&contents);
	else
		*ret_contents = contents;
	return rc;
}

void contents_finish(struct contents *contents)
{
	for (size_t i = 0; i < contents->count; i++)
		free(contents->lines[i]);
	free(contents->lines);
	*contents = (struct contents){0};
}

/* --- comparing --- */

static size_t path_length(const char *line)
{
	return strcspn(line, "\t");
}

static int compare_paths(const char *a, const char *b)
{
	size_t a_len = path_length(a), b_len = path_length(b);
	int order = memcmp(a, b, MIN_OF(a_len, b_len));

	return order ? order : (a_len > b_len) - (a_len < b_len);
}

static void tell(FILE *out, const char *what, const char *line)
{
	if (out)
		fprintf(out, "%s: %.*s\n", what, (int)path_length(line), line);
}

size_t contents_compare(const struct contents *before, const struct contents *now, FILE *out)
{
	size_t i = 0, j = 0, differences = 0;

	while (i < before->count || j < now->count) {
		int order = i == before->count ? 1
			    : j == now->count  ? -1
					       : compare_paths(before->lines[i], now->lines[j]);
		if (order < 0)
			tell(out, "missing", before->lines[i]);
		else if (order > 0)
			tell(out, "added", now->lines[j]);
		else if (strcmp(before->lines[i], now->lines[j]) != 0)
			tell(out, "changed", now->lines[j]);
		else
			differences--;
		differences++;
		i += order <= 0;
		j += order >= 0;
	}
	return differences;
}
