/* SPDX-License-Identifier: Apache-2.0 */
/* Reading /proc/self with nothing but system calls: readdir(3) and stdio allocate. */
#ifndef SG_ZFORK_PROC_H
#define SG_ZFORK_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The entries of a directory that are numbers, ascending as the kernel has them. Count; -1: not
 * read, or more than cap. */
ssize_t proc_numbers(const char *directory, int *numbers, size_t cap);
/* At most cap - 1 bytes of a file, NUL-terminated. Length, or -1: not read, or longer. */
ssize_t proc_read(const char *path, char *text, size_t cap);
/* What stands behind key in text, as a number of that base. false: it is not there. */
bool proc_value(const char *text, const char *key, int base, uint64_t *ret_value);

#endif
