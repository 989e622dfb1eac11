/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_SANDBOX_LANDLOCK_H
#define SG_SANDBOX_LANDLOCK_H

/* The version of Landlock in this kernel, 0 if there is none. */
int landlock_abi(void);

#endif
