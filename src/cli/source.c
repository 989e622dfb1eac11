/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "cli/source.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

#define READ_CHUNK (64 * KIB)

/* read(2) to the end of buf; a byte more than it may hold is EFBIG. */
static ssize_t read_some(int fd, struct buf *buf)
{
	size_t room = MIN_OF(READ_CHUNK, buf->ceiling - buf->len);
	char extra, *at = room ? buf_reserve(buf, room) : &extra;

	if (!at) {
		errno = ENOMEM;
		return -1;
	}
	ssize_t n = read(fd, at, MAX_OF(room, (size_t)1));
	if (n > 0 && !room) {
		errno = EFBIG;
		return -1;
	}
	return n;
}

int source_read_fd(int fd, const char *what, struct buf *buf, struct err *err)
{
	ssize_t n;

	while ((n = read_some(fd, buf)) != 0) {
		if (n > 0)
			buf->len += (size_t)n;
		else if (errno == EFBIG)
			return err_set(err, ERR_TOO_LARGE, "%.100s has more than %zu MiB.", what,
				       (size_t)(SOURCE_BYTES_MAX / MIB));
		else if (errno != EINTR)
			return err_set(err, ERR_IO, "Reading %.100s failed: %s.", what,
				       strerror(errno));
	}
	return 0;
}

/* --- the runtime --- */

/*
 * The last component of the #! line's interpreter, or of what env(1) is to find; without its
 * version.
 */
static void guess_from_shebang(struct slice text, char out[static SOURCE_RUNTIME_BYTES])
{
	char line[256];
	char *rest = NULL, *word;

	if (text.len < 3 || memcmp(text.data, "#!", 2) != 0)
		return;
	snprintf(line, sizeof(line), "%.*s", (int)MIN_OF(text.len - 2, sizeof(line) - 1),
		 text.data + 2);
	line[strcspn(line, "\n")] = '\0';
	word = strtok_r(line, " \t", &rest);
	if (word && strcmp(basename(word), "env") == 0)
		while ((word = strtok_r(NULL, " \t", &rest)) && word[0] == '-')
			;
	if (!word)
		return;
	snprintf(out, SOURCE_RUNTIME_BYTES, "%s", basename(word));
	for (size_t len = strlen(out);
	     len && (isdigit((unsigned char)out[len - 1]) || out[len - 1] == '.');)
		out[--len] = '\0';
}

void source_guess_runtime(const char *name, struct slice text,
			  char out[static SOURCE_RUNTIME_BYTES])
{
	const char *base = name ? basename(name) : "";
	const char *dot = strrchr(base, '.');

	out[0] = '\0';
	if (!dot || dot == base || !dot[1]) {
		guess_from_shebang(text, out);
		return;
	}
	snprintf(out, SOURCE_RUNTIME_BYTES, "%s", dot + 1);
	for (char *c = out; *c; c++)
		*c = (char)tolower((unsigned char)*c);
}

/* --- files --- */

/* Room for one more file; the name is copied. NULL out of memory. */
static struct source_file *add_file(struct source *source, const char *name)
{
	struct source_file *files = reallocarray(source->files, source->count + 1, sizeof(*files));

	if (!files)
		return NULL;
	source->files = files;
	struct source_file *file = &files[source->count];
	*file = (struct source_file){.name = name ? strdup(name) : NULL};
	if (name && !file->name)
		return NULL;
	size_t used = 0;
	for (size_t i = 0; i < source->count; i++)
		used += files[i].data.len;
	buf_init(&file->data, SOURCE_BYTES_MAX - MIN_OF(used, SOURCE_BYTES_MAX));
	source->count++;
	return file;
}

static int read_file(struct source *source, const char *path, const char *name, struct err *err)
{
	struct source_file *file = add_file(source, name);
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (!file)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.");
	if (fd < 0)
		return err_set(err, ERR_NOT_FOUND, "Opening %.100s failed: %s.", path,
			       strerror(errno));
	return source_read_fd(fd, path, &file->data, err);
}

/* A name with a suffix is kept, so that messages of the program name the user's file. */
static int read_one(struct source *source, const char *path, struct err *err)
{
	const char *base = basename(path);
	const char *dot = strrchr(base, '.');

	return read_file(source, path, dot && dot != base ? base : NULL, err);
}

static int take_entry(struct source *source, FTSENT *entry, const char *root, struct err *err)
{
	const char *name = entry->fts_path + strlen(root);

	name += strspn(name, "/");
	switch (entry->fts_info) {
	case FTS_D:
	case FTS_DP:
		return 0;
	case FTS_F:
		return read_file(source, entry->fts_accpath, name, err);
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		return err_set(err, ERR_NOT_FOUND, "Reading %.100s failed: %s.", entry->fts_path,
			       strerror(entry->fts_errno));
	default:
		return err_set(err, ERR_BAD_REQUEST,
			       "%.100s is neither a file nor a directory; only those can be sent.",
			       entry->fts_path);
	}
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Links are not followed: what lies outside the directory is not to be sent by accident. */
static int read_dir(struct source *source, const char *path, struct err *err)
{
	char root[PATH_MAX];
	char *roots[] = {root, NULL};
	FTSENT *entry;
	int rc = 0;

	snprintf(root, sizeof(root), "%s", path);
	for (size_t len = strlen(root); len > 1 && root[len - 1] == '/';)
		root[--len] = '\0';
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	if (!walk)
		return err_set(err, ERR_IO, "Reading %.100s failed: %s.", path, strerror(errno));
	while (rc == 0 && (entry = fts_read(walk)))
		rc = take_entry(source, entry, root, err);
	fts_close(walk);
	if (rc == 0 && source->count == 0)
		return err_set(err, ERR_BAD_REQUEST, "There is no file in %.100s.", path);
	return rc;
}

static int read_text(struct source *source, const char *text, struct err *err)
{
	struct source_file *file = add_file(source, NULL);
	int rc = file ? buf_append_text(&file->data, text) : -ERR_NO_MEMORY;

	return rc < 0 ? err_set(err, (enum err_code) - rc, "%s", err_default_text(rc)) : 0;
}

static int read_stdin(struct source *source, struct err *err)
{
	struct source_file *file = add_file(source, NULL);

	source->took_stdin = true;
	return file ? source_read_fd(STDIN_FILENO, "standard input", &file->data, err)
		    : err_set(err, ERR_NO_MEMORY, "Out of memory.");
}

/* --- all together --- */

/* "./x", "/x", "~/x" and "name.suffix" are meant as paths even when nothing is there. */
static bool looks_like_path(const char *text)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/";
	const char *dot = strrchr(text, '.');

	if (strpbrk(text, " \t\r\n(;"))
		return false;
	if (text[0] == '/' || strncmp(text, "./", 2) == 0 || strncmp(text, "../", 3) == 0)
		return true;
	return dot && dot != text && isalpha((unsigned char)dot[1]) && strlen(dot) <= 5 &&
	       text[strspn(text, allowed)] == '\0';
}

static int read_operand(struct source *source, const char *operand, struct err *err)
{
	struct stat st;

	if (strcmp(operand, "-") == 0)
		return read_stdin(source, err);
	if (stat(operand, &st) == 0)
		return S_ISDIR(st.st_mode) ? read_dir(source, operand, err)
					   : read_one(source, operand, err);
	if (looks_like_path(operand))
		return err_set(err, ERR_NOT_FOUND,
			       "There is no file %.100s; to run that text itself, add --text.",
			       operand);
	return read_text(source, operand, err);
}

static int choose_entry(struct source *source, const char *entry, struct err *err)
{
	const struct source_file *file = source->count == 1 ? &source->files[0] : NULL;

	for (size_t i = 0; entry && i < source->count; i++)
		if (source->files[i].name && strcmp(source->files[i].name, entry) == 0)
			source->entry = (file = &source->files[i])->name;
	if (entry && !source->entry)
		return err_set(
		    err, ERR_BAD_REQUEST,
		    "--entry %.60s is not one of the files; name it relative to the directory.",
		    entry);
	if (file)
		source_guess_runtime(file->name, buf_slice(&file->data), source->runtime);
	return 0;
}

int source_read(struct source *ret_source, const char *operand, bool text_only, const char *entry,
		struct err *err)
{
	struct source source = {0};
	int rc = text_only ? read_text(&source, operand, err) : read_operand(&source, operand, err);

	if (rc == 0)
		rc = choose_entry(&source, entry, err);
	if (rc < 0)
		source_finish(&source);
	else
		*ret_source = source;
	return rc;
}

void source_finish(struct source *source)
{
	for (size_t i = 0; i < source->count; i++) {
		free(source->files[i].name);
		buf_finish(&source->files[i].data);
	}
	free(source->files);
	*source = (struct source){0};
}
