/* SPDX-License-Identifier: Apache-2.0 */
/* Where a request is to run: language, version, engine. Shared by all dialects. */
#ifndef SG_API_TARGET_H
#define SG_API_TARGET_H

#include "api/api.h"

/* By id or alias, any case. 0, or -ERR_UNKNOWN_LANGUAGE with a list of what there is. */
int target_language(const struct api_context *api, struct slice name, const char *path,
		    const struct runtime **ret_runtime, struct err *err);
/* By selector. 0, -ERR_INVALID_FIELD (not a selector), or -ERR_UNKNOWN_VERSION with a list. */
int target_version(const struct runtime *runtime, struct slice selector, const char *path,
		   const struct runtime_version **ret_version, struct err *err);
/* Makes *engine one that runtime has; ENGINE_AUTO: native first. 0 or -ERR_UNSUPPORTED_ENGINE. */
int target_engine(const struct runtime *runtime, const char *path, enum engine_kind *engine,
		  struct err *err);

/* "native", "wasm", "auto" by enum engine_kind. */
#define ENGINE_COUNT 3
extern const char *const engine_names[ENGINE_COUNT];

/* A flag that the manifest allows for this version, or -ERR_INVALID_FIELD with those that are. */
int target_flag(const struct runtime *runtime, const struct runtime_version *version,
		struct slice flag, const char *path, struct err *err);

#endif
