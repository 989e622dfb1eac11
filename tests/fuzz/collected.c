/* SPDX-License-Identifier: Apache-2.0 */
/* What a jail has written of the files that a run left: whatever it is, what is read lies inside of it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "engine/collected.h"

static void check(struct slice part, const char *begin, const char *end)
{
	if (part.data < begin || part.data > end || part.len > (size_t)(end - part.data))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct collected_limits limits = {.files = 8, .bytes = 4096};
	_free_ char *copy = malloc(size + 1); /* aligned, and not longer than it says */
	struct collected collected;
	uint64_t bytes = 0;

	memcpy(copy, data, size);
	if (collected_parse(&collected, copy, size, &limits) < 0)
		return 0;
	for (size_t i = 0; i < collected.count; i++) {
		check(collected.files[i].name, copy, copy + size);
		check(collected.files[i].data, copy, copy + size);
		bytes += collected.files[i].data.len;
	}
	if (bytes > limits.bytes)
		abort();
	collected_finish(&collected);
	return 0;
}
