/* SPDX-License-Identifier: Apache-2.0 */
/* File descriptors: -1 is none, all are O_CLOEXEC, the owner closes. */
#ifndef SG_BASE_FD_H
#define SG_BASE_FD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define _close_ __attribute__((cleanup(fd_close_pointer)))

/* Closes fd if it is not -1 and returns -1, so that `x = fd_close(x)` reads well. Keeps errno. */
int fd_close(int fd);
void fd_close_pointer(int *fd);

/* Hands the descriptor over: returns it and leaves -1 behind. */
static inline int fd_steal(int *fd)
{
	int stolen = *fd;
	*fd = -1;
	return stolen;
}

/* Writes all of data, going on after EINTR and short writes; blocking descriptors only. 0 or -ERR_IO. */
int fd_write_all(int fd, const void *data, size_t len);
/* Reads until len bytes or end of file; returns the count or -ERR_IO. */
ssize_t fd_read_all(int fd, void *data, size_t len);

/* Writes a short text to a file below dir_fd (no O_CREAT). 0, or -1 with errno. */
int fd_write_file_at(int dir_fd, const char *name, const char *text);
/* Reads a short file below dir_fd into out (NUL-terminated, cut to cap-1). Length, or -1 with errno. */
ssize_t fd_read_file_at(int dir_fd, const char *name, char *out, size_t cap);

/* O_NONBLOCK on. 0, or -1 with errno. */
int fd_set_nonblock(int fd);

/*
 * An anonymous file with these bytes, sealed against every change, offset 0. For handing data to
 * another process without trusting it, or being trusted, not to change it. fd, or -1 with errno.
 */
int fd_sealed_copy(const char *name, const void *data, size_t len);
/* Adds all seals to a memfd made with MFD_ALLOW_SEALING. 0, or -1 with errno. */
int fd_seal(int fd);

#endif
