/* SPDX-License-Identifier: Apache-2.0 */
/* What several formats say of a stage in the same way. */
#ifndef SG_API_STAGE_H
#define SG_API_STAGE_H

#include "api/api.h"
#include "json/json.h"

/* The stage that counts: the program's, or the compile that it never got past. */
const struct stage_result *stage_last(const struct job_result *result);
/* Both time limits, of either stage. */
bool stage_timed_out(const struct stage_result *stage);
/* null when a signal or a limit ended it */
void stage_put_code(struct json_writer *w, const char *key, const struct stage_result *stage);
void stage_put_signal(struct json_writer *w, const struct stage_result *stage);
/* Where the program could not be started, stderr says why: these formats have no other place for
 * it. */
void stage_put_streams(struct json_writer *w, const struct stage_result *stage);

#endif
