/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session whose programs leave processes behind (`background`): the launcher stays, and starts one program after
 * the other in the same jail, as requests on its standard input say (engine/resident_frame.h). It has no more rights
 * than they have; none of them can look into it, and who kills it has ended the session's jail.
 */
#ifndef SG_UNPACK_SERVE_H
#define SG_UNPACK_SERVE_H

#include "unpack/unpack.h"

/*
 * Each program is argv, its code a file of the payload's `artefact` name below work_fd. PAYLOAD_INTERRUPT interrupts the
 * one that was started last. Returns never.
 */
_Noreturn void serve(const struct unpack *unpack, int work_fd);

#endif
