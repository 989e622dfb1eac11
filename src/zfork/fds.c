/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "zfork/fds.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/util.h"
#include "zfork/proc.h"
#include "zfork/sys.h"
#include "zfork/zfork.h"

#define FDS_MAX	      256
#define INTERESTS_MAX 256
#define PIPES_BYTES   4096 /* what may be waiting in all pipes: tokens, a line at most */
#define INFO_BYTES    16384
#define PATH_BYTES    64
#define NAME_BYTES    256

/* Of one open file description. */
struct object {
	int fd;
	int status;	/* F_GETFL */
	int close_exec; /* O_CLOEXEC or 0 */
	const struct kind *kind;
	ino_t inode;	      /* pipe */
	uint64_t id, count;   /* eventfd */
	bool semaphore;	      /* eventfd */
	struct object *other; /* pipe: the writing end, of a reading one */
	const char *waiting;  /* pipe: of a reading end */
	size_t waiting_bytes;
	off_t place;  /* file */
	dev_t device; /* file, device */
	char name[NAME_BYTES];
};

struct interest {
	int epoll_fd, fd;
	struct epoll_event event;
};

struct kind {
	int (*list)(struct object *object, struct err *err);
	int (*copy)(struct object *object);
	bool by_name; /* copied late */
	const char *begins;
};

static struct {
	struct object objects[FDS_MAX];
	size_t count;
	struct interest interests[INTERESTS_MAX];
	size_t interest_count;
	char bytes[PIPES_BYTES]; /* in pipes */
	size_t byte_count;
} table;

/* --- system calls; errno as the C library does, for the caller is the only thread --- */

static long checked(long rc)
{
	if (rc >= 0)
		return rc;
	errno = (int)-rc;
	return -1;
}

static const char *path_of(int fd, const char *what, char path[PATH_BYTES])
{
	snprintf(path, PATH_BYTES, "/proc/self/%s/%d", what, fd);
	return path;
}

/* made becomes the number of object. */
static int put(int made, const struct object *object)
{
	if (made < 0 || checked(sys(SYS_dup3, made, object->fd, object->close_exec)) < 0)
		return -1;
	sys(SYS_close, made);
	return 0;
}

static int refuse(const struct object *object, const char *what, struct err *err)
{
	return err_set(err, ERR_NOT_IMPLEMENTED,
		       "Descriptor %d is %s, of which no copy can be made.", object->fd, what);
}

static ssize_t read_info(const struct object *object, char info[INFO_BYTES])
{
	char path[PATH_BYTES];

	return proc_read(path_of(object->fd, "fdinfo", path), info, INFO_BYTES);
}

/* --- eventfd(2) --- */

static int list_eventfd(struct object *object, struct err *err)
{
	static char info[INFO_BYTES];
	uint64_t semaphore = 0;

	if (read_info(object, info) < 0 ||
	    !proc_value(info, "eventfd-count:", 16, &object->count) ||
	    !proc_value(info, "eventfd-id:", 10, &object->id))
		return refuse(object, "an eventfd without its count", err);
	for (const struct object *other = table.objects; other < object; other++)
		if (other->kind == object->kind && other->id == object->id)
			return refuse(object, "an eventfd of two numbers", err);
	proc_value(info, "eventfd-semaphore:", 10, &semaphore);
	object->semaphore = semaphore;
	return 0;
}

static int copy_eventfd(struct object *object)
{
	int flags = (object->status & O_NONBLOCK ? EFD_NONBLOCK : 0) |
		    (object->semaphore ? EFD_SEMAPHORE : 0);
	int made = (int)checked(sys(SYS_eventfd2, 0, flags | EFD_CLOEXEC));

	/* all 64 bits, of which eventfd2 takes the lower half only */
	if (made >= 0 && object->count &&
	    checked(sys(SYS_write, made, &object->count, sizeof(object->count))) < 0)
		return -1;
	return put(made, object);
}

/* --- epoll(7): proc_pid_fdinfo(5) has a line for each interest, "tfd: 5 events: 19 data: 5
 * pos:..." --- */

static int list_interest(const struct object *object, const char *line, struct err *err)
{
	struct interest *interest = &table.interests[table.interest_count];
	uint64_t fd = 0, events = 0, data = 0;

	if (table.interest_count == INTERESTS_MAX || !proc_value(line, "tfd:", 10, &fd) ||
	    !proc_value(line, "events:", 16, &events) || !proc_value(line, "data:", 16, &data))
		return refuse(object, "an epoll with too many interests", err);
	*interest = (struct interest){.epoll_fd = object->fd, .fd = (int)fd};
	interest->event.events = (uint32_t)events;
	interest->event.data.u64 = data;
	table.interest_count++;
	return 0;
}

static int list_epoll(struct object *object, struct err *err)
{
	static char info[INFO_BYTES];

	if (read_info(object, info) < 0)
		return refuse(object, "an epoll with too many interests", err);
	for (const char *line = strstr(info, "tfd:"); line; line = strstr(line + 1, "tfd:")) {
		int rc = list_interest(object, line, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Its interests come when all that they may be in is there. */
static int copy_epoll(struct object *object)
{
	return put((int)checked(sys(SYS_epoll_create1, EPOLL_CLOEXEC)), object);
}

static int add_interests(void)
{
	for (size_t i = 0; i < table.interest_count; i++) {
		struct interest *interest = &table.interests[i];
		if (checked(sys(SYS_epoll_ctl, interest->epoll_fd, EPOLL_CTL_ADD, interest->fd,
				&interest->event)) < 0)
			return -1;
	}
	return 0;
}

/* --- pipe(7) --- */

static bool is_reading(const struct object *object)
{
	return (object->status & O_ACCMODE) == O_RDONLY;
}

/* Without taking it out, through a pipe of our own. Bytes, or -1. */
static ssize_t peek(const struct object *object, char *bytes, size_t cap)
{
	int own[2];

	if (sys(SYS_pipe2, own, O_CLOEXEC) < 0)
		return -1;
	long len = sys(SYS_tee, object->fd, own[1], cap, SPLICE_F_NONBLOCK);
	if (len > 0)
		len = sys(SYS_read, own[0], bytes, len);
	sys(SYS_close, own[0]);
	sys(SYS_close, own[1]);
	return len;
}

static int list_pipe(struct object *object, struct err *err)
{
	struct stat st;
	int waiting = 0;

	if (fstat(object->fd, &st) < 0)
		return refuse(object, "a pipe that cannot be looked at", err);
	object->inode = st.st_ino;
	if (!is_reading(object) || sys(SYS_ioctl, object->fd, FIONREAD, &waiting) < 0 ||
	    waiting == 0)
		return 0;
	char *bytes = table.bytes + table.byte_count;
	if (peek(object, bytes, PIPES_BYTES - table.byte_count) != waiting)
		return refuse(object, "a pipe with much in it", err);
	object->waiting = bytes;
	object->waiting_bytes = (size_t)waiting;
	table.byte_count += object->waiting_bytes;
	return 0;
}

static bool is_pair(const struct object *one, const struct object *other)
{
	return one->kind == other->kind && one->inode == other->inode &&
	       is_reading(one) != is_reading(other);
}

/* Each pipe has one end of each kind here: another process holds none, and no end has two numbers.
 */
static int find_pair(struct object *object, struct err *err)
{
	struct object *pair = NULL;

	for (struct object *other = table.objects; other < table.objects + table.count; other++) {
		if (other != object && other->kind == object->kind &&
		    other->inode == object->inode && (pair || !is_pair(object, other)))
			return refuse(object, "a pipe with more than two ends", err);
		if (is_pair(object, other))
			pair = other;
	}
	if (!pair)
		return refuse(object, "a pipe that leads out of the process", err);
	object->other = is_reading(object) ? pair : NULL;
	return 0;
}

/* With its reading end comes its writing one. O_NONBLOCK is of each. */
static int copy_pipe(struct object *object)
{
	int ends[2];

	if (!object->other)
		return 0;
	if (checked(sys(SYS_pipe2, ends, O_CLOEXEC)) < 0 ||
	    checked(sys(SYS_write, ends[1], object->waiting, object->waiting_bytes)) < 0 ||
	    checked(sys(SYS_fcntl, ends[0], F_SETFL, object->status)) < 0 ||
	    checked(sys(SYS_fcntl, ends[1], F_SETFL, object->other->status)) < 0)
		return -1;
	return put(ends[0], object) < 0 ? -1 : put(ends[1], object->other);
}

/* --- a file that is only read, or a device; made when the child is where it stays, so that none
 * leads to where it was --- */

static int list_named(struct object *object, mode_t kind, struct err *err)
{
	struct stat st;

	if (fstat(object->fd, &st) < 0 || (st.st_mode & S_IFMT) != kind || object->status & O_PATH)
		return refuse(object, object->name, err);
	object->inode = st.st_ino;
	object->device = kind == S_IFCHR ? st.st_rdev : st.st_dev;
	return 0;
}

static int list_file(struct object *object, struct err *err)
{
	int rc = list_named(object, S_IFREG, err);

	if (rc < 0)
		return rc;
	if (!is_reading(object))
		return refuse(object, "a file that is written", err);
	object->place = (off_t)sys(SYS_lseek, object->fd, 0, SEEK_CUR);
	return object->place < 0 ? refuse(object, "a file without a place", err) : 0;
}

static int list_device(struct object *object, struct err *err)
{
	return list_named(object, S_IFCHR, err);
}

static int open_named(const struct object *object)
{
	int flags = object->status & (O_ACCMODE | O_NONBLOCK | O_NOATIME);

	return (int)checked(sys(SYS_openat, AT_FDCWD, object->name, flags | O_CLOEXEC | O_NOCTTY));
}

static int copy_file(struct object *object)
{
	struct stat st;
	int made = open_named(object);

	if (made < 0 || fstat(made, &st) < 0)
		return -1;
	if (st.st_ino != object->inode || st.st_dev != object->device) {
		errno = ESTALE;
		return -1;
	}
	return checked(sys(SYS_lseek, made, object->place, SEEK_SET)) < 0 ? -1 : put(made, object);
}

static int copy_device(struct object *object)
{
	struct stat st;
	int made = open_named(object);

	if (made < 0 || fstat(made, &st) < 0)
		return -1;
	if (!S_ISCHR(st.st_mode) || st.st_rdev != object->device) {
		errno = ESTALE;
		return -1;
	}
	return put(made, object);
}

/* --- all --- */

static const struct kind kinds[] = {
#define X(kind, by_name, begins) {list_##kind, copy_##kind, by_name, begins},
#include "zfork/fds.def"
#undef X
};

static const struct kind *kind_of(const char *link)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strncmp(link, kinds[i].begins, strlen(kinds[i].begins)) == 0)
			return &kinds[i];
	return NULL;
}

static int list_one(int fd, struct err *err)
{
	struct object *object = &table.objects[table.count];
	char path[PATH_BYTES];

	*object = (struct object){.fd = fd};
	ssize_t len =
	    (ssize_t)sys(SYS_readlink, path_of(fd, "fd", path), object->name, sizeof(object->name));
	if (len < 0 || len == sizeof(object->name))
		return refuse(object, "unreadable", err);
	object->name[len] = '\0';
	object->kind = kind_of(object->name);
	if (!object->kind)
		return refuse(object, object->name, err);
	object->status = (int)sys(SYS_fcntl, fd, F_GETFL);
	object->close_exec = sys(SYS_fcntl, fd, F_GETFD) & FD_CLOEXEC ? O_CLOEXEC : 0;
	table.count++;
	return object->kind->list(object, err);
}

int fds_list(struct err *err)
{
	static int fds[FDS_MAX];
	ssize_t count = proc_numbers("/proc/self/fd", fds, FDS_MAX);

	table.count = table.interest_count = table.byte_count = 0;
	if (count < 0)
		return err_set(err, ERR_NOT_IMPLEMENTED,
			       "There are more than %d descriptors, or no /proc.", FDS_MAX);
	for (ssize_t i = 0; i < count; i++) {
		int rc =
		    fds[i] > STDERR_FILENO && fds[i] < ZFORK_FD_OWN ? list_one(fds[i], err) : 0;
		if (rc < 0)
			return rc;
	}
	for (size_t i = 0; i < table.count; i++) {
		int rc = table.objects[i].kind->list == list_pipe
			     ? find_pair(&table.objects[i], err)
			     : 0;
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int copy_all(bool by_name)
{
	for (size_t i = 0; i < table.count; i++)
		if (table.objects[i].kind->by_name == by_name &&
		    table.objects[i].kind->copy(&table.objects[i]) < 0)
			return -1;
	return 0;
}

int fds_make_private(void)
{
	return copy_all(false) < 0 ? -1 : add_interests();
}

int fds_open_again(void)
{
	return copy_all(true);
}
