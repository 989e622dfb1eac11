/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of Piston's dialect: piston.c reads and answers runs, piston_packages.c packages. */
#ifndef SG_API_PISTON_H
#define SG_API_PISTON_H

#include "api/api.h"
#include "json/json.h"

/* Reads an execute body or an init message. 0 or a negative code, with their text in *err. */
int piston_decode(const struct api_context *api, const struct api_request *request,
		  struct arena *arena, struct job_spec *ret_spec, struct err *err);
/* The installed version that a selector of npm's semver matches ("3", "3.x", "^3.10", ">=3 <4"); or
 * NULL. */
const struct runtime_version *piston_version(const struct runtime *runtime, struct slice selector);

/* [{language, language_version, installed}] of what the images have. 200. */
int piston_encode_packages(struct buf *out, const struct api_context *api);
/*
 * What installing or removing {language, version} comes to here, always an error: packages come
 * with images, which the server's processes have no right to change. *err says which command does.
 */
int piston_install(const struct api_context *api, struct yyjson_val *body, struct err *err);
int piston_remove(const struct api_context *api, struct yyjson_val *body, struct err *err);

#endif
