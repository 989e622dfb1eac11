/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "park/own.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/util.h"

#define BYTES_MAX   (256 * MIB) /* in all: what a child would have if it had been started by itself */
#define RANGES_MAX  4096
#define GAP_PAGES   16          /* absent pages that cost less than another call */
#define READ_PAGES  1024

/* proc_pid_pagemap(5): one number for each page */
#define PAGE_PRESENT (1ull << 63)
#define PAGE_SWAPPED (1ull << 62)

struct range {
	uintptr_t begin, end;
	bool writable;
};

static struct range ranges[RANGES_MAX];
static unsigned range_count;
static size_t bytes_noted;
static size_t page_bytes;

static void note_page(uintptr_t page, bool writable, uintptr_t mapping)
{
	struct range *last = range_count ? &ranges[range_count - 1] : NULL;

	if (bytes_noted + page_bytes > BYTES_MAX)
		return;
	if (last && last->begin >= mapping && page - last->end <= GAP_PAGES * page_bytes) {
		bytes_noted += page + page_bytes - last->end;
		last->end = page + page_bytes;
	} else if (range_count < RANGES_MAX) {
		bytes_noted += page_bytes;
		ranges[range_count++] = (struct range){page, page + page_bytes, writable};
	}
}

static void note_mapping(int pagemap_fd, uintptr_t begin, uintptr_t end, bool writable)
{
	static uint64_t pages[READ_PAGES];

	for (uintptr_t at = begin; at < end;) {
		size_t wanted = MIN_OF((end - at) / page_bytes, (size_t)READ_PAGES) * sizeof(*pages);
		ssize_t n = pread(pagemap_fd, pages, wanted, (off_t)(at / page_bytes * sizeof(*pages)));
		if (n <= 0)
			return;
		for (size_t i = 0; i < (size_t)n / sizeof(*pages); i++, at += page_bytes)
			if (pages[i] & (PAGE_PRESENT | PAGE_SWAPPED))
				note_page(at, writable, begin);
	}
}

void own_note(void)
{
	_close_ int pagemap_fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long begin, end;
	char line[512], rights[5];

	page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	while (maps && pagemap_fd >= 0 && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %4s", &begin, &end, rights) == 3 && rights[0] == 'r' && rights[3] == 'p')
			note_mapping(pagemap_fd, begin, end, rights[1] == 'w');
	if (maps)
		fclose(maps);
}

/* Linux 5.14; where it cannot be done, the faults come later. */
void own_take(void)
{
	for (unsigned i = 0; i < range_count; i++)
		madvise((void *)ranges[i].begin, ranges[i].end - ranges[i].begin,
			ranges[i].writable ? MADV_POPULATE_WRITE : MADV_POPULATE_READ);
}
