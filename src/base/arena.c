/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ARENA_BLOCK_BYTES 4096
#define ARENA_ALIGN       _Alignof(max_align_t)

struct arena_block {
	struct arena_block *next;
	size_t used, capacity;
	_Alignas(max_align_t) char data[];
};

struct arena {
	struct arena_block *blocks; /* the newest first */
	size_t used, ceiling;
};

struct arena *arena_create(size_t ceiling_bytes)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	if (arena)
		arena->ceiling = ceiling_bytes;
	return arena;
}

void arena_destroy(struct arena *arena)
{
	if (!arena)
		return;
	for (struct arena_block *block = arena->blocks, *next; block; block = next) {
		next = block->next;
		free(block);
	}
	free(arena);
}

static struct arena_block *block_with(struct arena *arena, size_t bytes)
{
	struct arena_block *block = arena->blocks;

	if (block && block->capacity - block->used >= bytes)
		return block;
	size_t capacity = MAX_OF(bytes, (size_t)ARENA_BLOCK_BYTES - sizeof(*block));
	block = calloc(1, sizeof(*block) + capacity);
	if (!block)
		return NULL;
	block->capacity = capacity;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
	if (!arena || bytes > arena->ceiling || arena->used > arena->ceiling - bytes)
		return NULL;
	bytes = (bytes + ARENA_ALIGN - 1) & ~(ARENA_ALIGN - 1);
	struct arena_block *block = block_with(arena, bytes);
	if (!block)
		return NULL;
	void *at = block->data + block->used;
	block->used += bytes;
	arena->used += bytes;
	return at;
}

char *arena_copy(struct arena *arena, const void *data, size_t len)
{
	char *copy = arena_alloc(arena, len + 1);

	if (copy && len)
		memcpy(copy, data, len);
	return copy;
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int need = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	char *text = need < 0 ? NULL : arena_alloc(arena, (size_t)need + 1);
	if (!text)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(text, (size_t)need + 1, fmt, ap);
	va_end(ap);
	return text;
}

size_t arena_used(const struct arena *arena)
{
	return arena->used;
}
