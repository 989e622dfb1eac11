/* SPDX-License-Identifier: Apache-2.0 */
/* What a scanner in the place of the program has said (policy/scan/scan.py). */
#ifndef SG_ENGINE_SCANNED_H
#define SG_ENGINE_SCANNED_H

#include "engine/job.h"

/*
 * If stderr begins with the line word: what follows are violations, a line each, and stderr becomes a text for people.
 * False: that is not what it says, or there is no memory; nothing has changed then.
 */
bool scanned_read(struct violations *ret_violations, struct buf *err, const char *word);
void scanned_finish(struct violations *violations);

#endif
