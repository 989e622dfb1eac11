/* SPDX-License-Identifier: Apache-2.0 */
/* Piston's packages: here, what the images hold. */
#include <string.h>

#include "api/names.h"
#include "api/piston.h"

static void put_package(struct json_writer *w, const struct runtime *runtime,
			const struct runtime_version *version)
{
	json_put_text(w, "language", names_theirs(runtime));
	json_put_text(w, "language_version", version->version);
	json_put_bool(w, "installed", true);
}

int piston_encode_packages(struct buf *out, const struct api_context *api)
{
	return names_encode_versions(out, api, put_package);
}

/* The runtime of {language, version}; *ret_installed: the highest version that matches, or NULL. */
static int find(const struct api_context *api, struct yyjson_val *body,
		const struct runtime **ret_runtime, const struct runtime_version **ret_installed,
		struct err *err)
{
	struct slice language = json_text(json_at(body, "/language"));
	struct slice version = json_text(json_at(body, "/version"));
	struct slice name = names_ours(language);

	*ret_runtime = runtime_find(api->runtimes, name.len ? name.data : "", name.len);
	if (!*ret_runtime)
		return err_field(err, ERR_NOT_FOUND, "language",
				 "Requested package %.*s-%.*s does not exist",
				 (int)MIN_OF(language.len, 100u), language.len ? language.data : "",
				 (int)MIN_OF(version.len, 100u), version.len ? version.data : "");
	*ret_installed = piston_version(*ret_runtime, version.len ? version : SLICE_LITERAL("*"));
	return 0;
}

int piston_install(const struct api_context *api, struct yyjson_val *body, struct err *err)
{
	const struct runtime *runtime;
	const struct runtime_version *installed;
	int rc = find(api, body, &runtime, &installed, err);

	if (rc < 0)
		return rc;
	if (installed)
		return err_field(err, ERR_INTERNAL, "version", "Already installed");
	return err_field(
	    err, ERR_NOT_IMPLEMENTED, "version",
	    "No image of this server has that version of %s, and its processes may not change"
	    " images; run 'sandglass image build' on its host, and restart it.",
	    runtime->name);
}

int piston_remove(const struct api_context *api, struct yyjson_val *body, struct err *err)
{
	const struct runtime *runtime;
	const struct runtime_version *installed;
	int rc = find(api, body, &runtime, &installed, err);

	if (rc < 0)
		return rc;
	if (!installed)
		return err_field(err, ERR_INTERNAL, "version", "Not installed");
	return err_field(
	    err, ERR_NOT_IMPLEMENTED, "version",
	    "%s %s is part of the image '%s', which this server's processes may not change; run"
	    " 'sandglass image remove %s' on its host, or build the image without it with"
	    " 'sandglass image build'.",
	    runtime->name, installed->version, installed->image, installed->image);
}
