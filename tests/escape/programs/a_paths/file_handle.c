/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T39 A file by handle instead of by name (open_by_handle_at), which walks past every mount.
 * promise: 1
 * without: SECCOMP -> name_to_handle_at
 */
#include "../escape.h"

#include <fcntl.h>

int
main(void)
{
	struct {
		struct file_handle handle;
		unsigned char bytes[128];
	} room = { .handle = { .handle_bytes = 128 } };
	int mount_id;

	filtered(name_to_handle_at(AT_FDCWD, "/usr", &room.handle, &mount_id, 0), "name_to_handle_at");
	room.handle.handle_bytes = 8;
	filtered(open_by_handle_at(AT_FDCWD, &room.handle, O_RDONLY), "open_by_handle_at");
	return verdict("file handles are refused");
}
