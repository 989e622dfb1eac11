/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "unpack/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/util.h"

#define COPY_CHUNK   (1u << 20)
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

static bool record_is_good(const struct payload_file *record, const char *name, size_t left)
{
	if (record->name_bytes > PAYLOAD_NAME_BYTES || record->name_bytes >= left ||
	    strnlen(name, record->name_bytes + 1ul) != record->name_bytes || !name_is_good(name))
		return false;
	return record->root < PACK_ROOTS && record->type < PACK_GONE && record->source <= PACKS_MAX &&
	       (record->mode & ~PACK_MODE_MASK) == 0 &&
	       (record->type == PACK_FILE || (record->source == 0 && record->offset == 0)) &&
	       (record->type != PACK_DIRECTORY || record->data_bytes == 0) && record->offset <= INT64_MAX;
}

/* A link's target is a string of its own: the last of its bytes is its NUL. */
static bool target_is_good(const struct payload_file *record, const char *data)
{
	return record->type != PACK_LINK ||
	       (record->data_bytes > 1 && record->data_bytes <= PACK_TARGET_BYTES + 1 &&
		memchr(data, '\0', record->data_bytes) == data + record->data_bytes - 1);
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
	if (!record_is_good(&record, name, left))
		return refuse();
	const char *data = name + record.name_bytes + 1;
	uint64_t here = record.source ? 0 : record.data_bytes;
	left -= record.name_bytes + 1ul;
	if (here > left || !target_is_good(&record, data))
		return refuse();
	*ret_file = (struct unpack_file){
	    .name = name, .mode = record.mode, .data = record.source ? NULL : data, .data_bytes = record.data_bytes,
	    .offset = record.offset, .mtime_ns = record.mtime_ns, .root = (enum pack_root)record.root,
	    .type = (enum pack_type)record.type, .pack = record.source ? record.source - 1 : 0};
	unpack->next = data + here;
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

static int create(int dir_fd, const char *name, mode_t mode)
{
	struct open_how how = {
	    .flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    .mode = mode,
	    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, dir_fd, name, &how, sizeof(how));
}

int unpack_create(int dir_fd, const char *name, mode_t mode)
{
	int fd = create(dir_fd, name, mode);

	if (fd >= 0 || errno != ENOENT || make_parents(dir_fd, name) < 0)
		return fd;
	return create(dir_fd, name, mode);
}

int unpack_copy(int out_fd, int in_fd, uint64_t offset, uint64_t bytes)
{
	off_t at = (off_t)offset;

	while (bytes) {
		ssize_t n = sendfile(out_fd, in_fd, &at, MIN_OF(bytes, (uint64_t)COPY_CHUNK));
		if (n == 0)
			errno = EIO;
		if (n <= 0)
			return -1;
		bytes -= (uint64_t)n;
	}
	return 0;
}

/* --- one entry --- */

/* Until all is in it the owner may do everything in it; see end_directory. That it is there does no harm. */
static int make_directory(int dir_fd, const struct unpack_file *file)
{
	int rc = mkdirat(dir_fd, file->name, file->mode | 0700);

	if (rc < 0 && errno == ENOENT && make_parents(dir_fd, file->name) == 0)
		rc = mkdirat(dir_fd, file->name, file->mode | 0700);
	return rc < 0 && errno != EEXIST ? -1 : 0;
}

/* Parents are made without following links either: they are those of the entries before. */
static int make_link(int dir_fd, const struct unpack_file *file)
{
	if (symlinkat(file->data, dir_fd, file->name) == 0)
		return 0;
	if (errno != ENOENT || make_parents(dir_fd, file->name) < 0)
		return -1;
	return symlinkat(file->data, dir_fd, file->name);
}

/* As it was when it was kept: make(1) and Python's caches go by the time. */
static int restore(int fd, const struct unpack_file *file)
{
	int64_t ns = file->mtime_ns % (int64_t)NS_PER_SEC, s = file->mtime_ns / (int64_t)NS_PER_SEC;
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {ns < 0 ? s - 1 : s, ns < 0 ? ns + (int64_t)NS_PER_SEC : ns}};

	if ((file->mode & 022) && fchmod(fd, file->mode) < 0) /* what the umask took */
		return -1;
	return file->mtime_ns == PAYLOAD_NO_TIME ? 0 : futimens(fd, times);
}

static int make_file(int dir_fd, const struct unpack_file *file, const int *packs, unsigned pack_count)
{
	_close_ int fd = unpack_create(dir_fd, file->name, file->mode);

	if (fd < 0)
		return -1;
	if (!file->data && file->pack >= pack_count)
		return refuse();
	int rc = file->data ? fd_write_all(fd, file->data, file->data_bytes)
			    : unpack_copy(fd, packs[file->pack], file->offset, file->data_bytes);
	return rc < 0 ? -1 : restore(fd, file);
}

static int make_entry(int dir_fd, const struct unpack_file *file, const int *packs, unsigned pack_count)
{
	if (file->type == PACK_DIRECTORY)
		return make_directory(dir_fd, file);
	return file->type == PACK_LINK ? make_link(dir_fd, file) : make_file(dir_fd, file, packs, pack_count);
}

/* --- all of them --- */

static bool is_plain(const struct unpack_file *file)
{
	return file->type != PACK_DIRECTORY || file->mode == 0755;
}

/* From here on nothing is written into them. One in another that is closed to its owner stays as it was made. */
static int end_directories(struct unpack again, const int *root_fds)
{
	struct unpack_file file;
	int more;

	while ((more = unpack_next(&again, &file)) > 0)
		if (!is_plain(&file) && fchmodat(root_fds[file.root], file.name, file.mode, 0) < 0 && errno != EACCES)
			return -1;
	return more;
}

int unpack_files(struct unpack *unpack, const int root_fds[static PACK_ROOTS], const int *packs, unsigned pack_count)
{
	struct unpack begin = *unpack;
	struct unpack_file file;
	bool plain = true;
	int more;

	while ((more = unpack_next(unpack, &file)) > 0) {
		if (make_entry(root_fds[file.root], &file, packs, pack_count) < 0)
			return -1;
		plain &= is_plain(&file);
	}
	return more < 0 || plain ? more : end_directories(begin, root_fds);
}
