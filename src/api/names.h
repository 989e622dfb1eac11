/* SPDX-License-Identifier: Apache-2.0 */
/* Languages under the names that other services have for them. */
#ifndef SG_API_NAMES_H
#define SG_API_NAMES_H

#include "api/api.h"
#include "json/json.h"

/* The name to look for here, of one that a client of RunTools or Piston sent; itself as a rule. */
struct slice names_ours(struct slice theirs);
/* What both of them call a runtime. */
const char *names_theirs(const struct runtime *runtime);
/* One as both of them list it: language, version, aliases. */
void names_put_runtime(struct json_writer *w, const struct runtime *runtime,
		       const struct runtime_version *version);
/* An array of an object each. Returns the HTTP status. */
int names_encode_versions(struct buf *out, const struct api_context *api,
			  void (*put)(struct json_writer *w, const struct runtime *runtime,
				      const struct runtime_version *version));

#endif
