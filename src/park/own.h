/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In a zygote's child each page costs a fault when it is first used, and a copy when it is first written to. While
 * it waits for a run there may be time for that: the pages that the zygote has are made the child's own, many at a
 * call. Those that it never touched, most of what threads have for stacks, stay away.
 */
#ifndef SG_PARK_OWN_H
#define SG_PARK_OWN_H

/* In the zygote, when it is prepared: which pages there are. Without that a child takes faults as they come. */
void own_note(void);
/* In the child. */
void own_take(void);

#endif
