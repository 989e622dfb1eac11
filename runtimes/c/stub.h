/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stub libraries: of a shared library, what the linker reads when it links certain objects with it, and nothing else.
 * Linking a small program is mostly reading libc's and libstdc++'s thousands of symbols; the program names a dozen.
 */
#pragma once

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The global symbols of the objects of a link, defined or not. */
struct names {
	const char **items; /* in the objects, which stay mapped */
	uint32_t *hashes;   /* of the GNU hash table, the lowest bit set */
	uint32_t *slots;    /* index + 1 into items, by hash; 0: none */
	uint32_t count, capacity, slot_count;
};

/* False: it is not an object that we understand, or has names with versions of their own. */
bool names_of_object(struct names *names, const char *path);
bool names_add(struct names *names, const char *name);

/*
 * Writes to `path` the stub of `library` for a link of objects with these names: an archive without
 * members if it defines none of them. False: it has to be linked with the library itself.
 */
bool stub_write(const char *path, const char *library, const struct names *names);
