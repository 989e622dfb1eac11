/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of one request: many small allocations, freed all at once. */
#ifndef SG_BASE_ARENA_H
#define SG_BASE_ARENA_H

#include "base/slice.h"
#include "base/util.h"

struct arena;

/* A NULL arena is "out of memory" and safe to pass on: every arena_* then returns NULL. */
struct arena *arena_create(size_t ceiling_bytes);
void arena_destroy(struct arena *arena);

/* Zeroed memory, aligned for any type; NULL past the ceiling or out of memory. */
void *arena_alloc(struct arena *arena, size_t bytes);
/* NUL-terminated copy of bytes that may hold NULs themselves. */
char *arena_copy(struct arena *arena, const void *data, size_t len);
char *arena_printf(struct arena *arena, const char *fmt, ...) _printf_(2, 3);
/* Bytes handed out so far. */
size_t arena_used(const struct arena *arena);

#define arena_new(arena, type)          ((type *)arena_alloc(arena, sizeof(type)))
#define arena_array(arena, type, count) ((type *)arena_alloc(arena, sizeof(type) * (count)))

#endif
