/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "unpack/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/util.h"

#define SEALS_NEEDED (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW)

static int refuse(void)
{
	errno = EBADMSG;
	return -1;
}

/* Takes one NUL-terminated string at *at; NULL if none ends before end. */
static char *take_string(const char **at, const char *end)
{
	const char *start = *at, *nul = memchr(start, '\0', (size_t)(end - start));

	if (!nul)
		return NULL;
	*at = nul + 1;
	return (char *)start;
}

static bool take_strings(char **out, uint32_t count, const char **at, const char *end)
{
	for (uint32_t i = 0; i < count; i++)
		if (!(out[i] = take_string(at, end)))
			return false;
	out[count] = NULL;
	return true;
}

static bool header_is_good(const struct payload_header *header, size_t len)
{
	return header->magic == PAYLOAD_MAGIC && header->total_bytes == len && header->argc >= 1 &&
	       header->argc <= PAYLOAD_ARGS_MAX && header->envc <= PAYLOAD_ENV_MAX &&
	       header->file_count <= PAYLOAD_FILES_MAX &&
	       header->strings_bytes <= len - sizeof(*header) &&
	       memchr(header->artefact, '\0', sizeof(header->artefact));
}

/* Relative, and without an empty, "." or ".." component. */
static bool name_is_good(const char *name)
{
	for (;;) {
		size_t part = strcspn(name, "/");
		if (part == 0 || (part == 1 && name[0] == '.') ||
		    (part == 2 && name[0] == '.' && name[1] == '.'))
			return false;
		if (!name[part])
			return true;
		name += part + 1;
	}
}

int unpack_begin(struct unpack *unpack, const void *bytes, size_t len)
{
	const struct payload_header *header = bytes;

	if (len < sizeof(*header) || !header_is_good(header, len))
		return refuse();
	const char *at = (const char *)(header + 1), *strings_end = at + header->strings_bytes;
	if (!take_strings(unpack->argv, header->argc, &at, strings_end) ||
	    !take_strings(unpack->envp, header->envc, &at, strings_end) || at != strings_end)
		return refuse();
	if (unpack->argv[0][0] != '/' || (header->artefact[0] && !name_is_good(header->artefact)))
		return refuse();
	unpack->header = header;
	unpack->next = at;
	unpack->end = (const char *)bytes + len;
	unpack->files_left = header->file_count;
	return 0;
}

int unpack_next(struct unpack *unpack, struct unpack_file *ret_file)
{
	size_t left = (size_t)(unpack->end - unpack->next), skip = -(uintptr_t)unpack->next % 8;
	struct payload_file record;

	if (unpack->files_left == 0)
		return 0;
	if (left < skip + sizeof(record))
		return refuse();
	memcpy(&record, unpack->next + skip, sizeof(record));
	const char *name = unpack->next + skip + sizeof(record);
	left -= skip + sizeof(record);
	if (record.name_bytes > PAYLOAD_NAME_BYTES || record.name_bytes >= left ||
	    strnlen(name, record.name_bytes + 1ul) != record.name_bytes || !name_is_good(name) ||
	    (record.mode != 0644 && record.mode != 0755 &&
	     (record.mode != PAYLOAD_DIRECTORY || record.data_bytes)))
		return refuse();
	left -= record.name_bytes + 1ul;
	if (record.data_bytes > left)
		return refuse();
	*ret_file = (struct unpack_file){.name = name, .mode = record.mode,
	                                 .data = name + record.name_bytes + 1,
	                                 .data_bytes = record.data_bytes};
	unpack->next = name + record.name_bytes + 1 + record.data_bytes;
	unpack->files_left--;
	return 1;
}

int unpack_map(struct unpack *unpack, int payload_fd)
{
	struct stat st;
	int seals = fcntl(payload_fd, F_GET_SEALS);

	if (seals < 0 || (seals & SEALS_NEEDED) != SEALS_NEEDED) {
		errno = EPERM;
		return -1;
	}
	if (fstat(payload_fd, &st) < 0)
		return -1;
	if (st.st_size < (off_t)sizeof(struct payload_header))
		return refuse();
	/* Never unmapped: argv and envp lead into it, and execve drops it. */
	void *bytes =
	    mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, payload_fd, 0);
	return bytes == MAP_FAILED ? -1 : unpack_begin(unpack, bytes, (size_t)st.st_size);
}

static int make_parents(int dir_fd, const char *name)
{
	char path[PAYLOAD_NAME_BYTES + 1];

	for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		memcpy(path, name, (size_t)(slash - name));
		path[slash - name] = '\0';
		if (mkdirat(dir_fd, path, 0755) < 0 && errno != EEXIST)
			return -1;
	}
	return 0;
}

int unpack_create(int dir_fd, const char *name, mode_t mode)
{
	struct open_how how = {
	    .flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    .mode = mode,
	    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	if (make_parents(dir_fd, name) < 0)
		return -1;
	return (int)syscall(SYS_openat2, dir_fd, name, &how, sizeof(how));
}

/* That a file of the request has made it already does no harm. */
static int make_directory(int dir_fd, const char *name)
{
	if (make_parents(dir_fd, name) < 0)
		return -1;
	return mkdirat(dir_fd, name, 0755) < 0 && errno != EEXIST ? -1 : 0;
}

static int write_file(int dir_fd, const struct unpack_file *file)
{
	if (file->mode == PAYLOAD_DIRECTORY)
		return make_directory(dir_fd, file->name);
	_close_ int fd = unpack_create(dir_fd, file->name, file->mode);
	return fd < 0 ? -1 : fd_write_all(fd, file->data, file->data_bytes);
}

int unpack_files(struct unpack *unpack, int dir_fd)
{
	struct unpack_file file;
	int more;

	while ((more = unpack_next(unpack, &file)) > 0)
		if (write_file(dir_fd, &file) < 0)
			return -1;
	return more;
}
