/* SPDX-License-Identifier: Apache-2.0 */
/* What an interpreter that users' code has been in tells as its answer: whatever it is, what is read lies inside of it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "engine/resident_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_free_ char *copy = malloc(size + 1); /* not longer than it says */
	struct resident_frame frame;

	memcpy(copy, data, size);
	if (resident_frame_parse((struct slice){copy, size}, &frame) != 1)
		return 0;
	if (frame.bytes > size || frame.count > RESIDENT_PARTS_MAX || (unsigned)frame.exit_code > 255 ||
	    !memchr(frame.token, '\0', sizeof(frame.token)))
		abort();
	for (unsigned i = 0; i < frame.count; i++) {
		struct slice part = frame.parts[i].data;
		if (part.data < copy || part.data > copy + frame.bytes || part.len > (size_t)(copy + frame.bytes - part.data))
			abort();
	}
	return 0;
}
