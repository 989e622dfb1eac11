/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "zfork/proc.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "zfork/sys.h"

/* getdents64(2) */
struct entry {
	uint64_t inode;
	int64_t offset;
	uint16_t bytes;
	uint8_t type;
	char name[];
};

/* Not the number of the directory itself, which is open while it is read. */
static bool take_number(const char *name, int not, int *ret_number)
{
	int number = 0;

	for (const char *at = name; *at; at++) {
		if (*at < '0' || *at > '9')
			return false;
		number = number * 10 + *at - '0';
	}
	*ret_number = number;
	return number != not ;
}

static ssize_t numbers_of(long fd, int not, int *numbers, size_t cap)
{
	_Alignas(struct entry) char block[4096];
	size_t count = 0;
	long len;

	while ((len = sys(SYS_getdents64, fd, block, sizeof(block))) > 0)
		for (const char *at = block; at < block + len;
		     at += ((const struct entry *)at)->bytes) {
			int number;
			if (!take_number(((const struct entry *)at)->name, not, &number))
				continue;
			if (count == cap)
				return -1;
			numbers[count++] = number;
		}
	return len < 0 ? -1 : (ssize_t)count;
}

ssize_t proc_numbers(const char *directory, int *numbers, size_t cap)
{
	long fd = sys(SYS_openat, AT_FDCWD, directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	ssize_t count = numbers_of(fd, strstr(directory, "/fd") ? (int)fd : -1, numbers, cap);
	sys(SYS_close, fd);
	return count;
}

ssize_t proc_read(const char *path, char *text, size_t cap)
{
	long fd = sys(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC), len = 1;
	size_t used = 0;

	if (fd < 0)
		return -1;
	while (used < cap && (len = sys(SYS_read, fd, text + used, cap - used)) > 0)
		used += (size_t)len;
	sys(SYS_close, fd);
	if (len < 0 || used == cap)
		return -1;
	text[used] = '\0';
	return (ssize_t)used;
}

bool proc_value(const char *text, const char *key, int base, uint64_t *ret_value)
{
	const char *at = strstr(text, key);

	if (at)
		*ret_value = strtoull(at + strlen(key), NULL, base);
	return at;
}
