/* SPDX-License-Identifier: Apache-2.0 */
/* What a test build leaves out of jails (inject.c); in any other build this is nothing. */
#ifndef SG_ROLE_INJECT_H
#define SG_ROLE_INJECT_H

#ifdef SANDGLASS_WALLS_OFF
void inject_faults(void);
void inject_world(void);
#else
#define inject_faults()
#define inject_world()
#endif

#endif
