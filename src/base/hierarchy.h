/* SPDX-License-Identifier: Apache-2.0 */
/* Where cgroups are (cgroups(7)): of a controller of v1, or, with NULL, of the unified hierarchy. */
#ifndef SG_BASE_HIERARCHY_H
#define SG_BASE_HIERARCHY_H

#include <stdbool.h>

#define HIERARCHY_PATH_BYTES 512

/* Where it is mounted; false: nowhere. */
bool hierarchy_mount(const char *controller, char out[static HIERARCHY_PATH_BYTES]);
/* The cgroup that this process is in, below its root: "/path"; "": none. */
void hierarchy_own_path(const char *controller, char out[static HIERARCHY_PATH_BYTES]);

#endif
