/* SPDX-License-Identifier: Apache-2.0 */
#include "api/names.h"

#include <string.h>
#include <strings.h>

static const struct {
	struct slice theirs;
	const char *ours;
} names[] = {
#define X(theirs, ours) {{theirs, sizeof(theirs) - 1}, ours},
#include "api/names.def"
#undef X
};

struct slice names_ours(struct slice theirs)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].theirs.len == theirs.len &&
		    strncasecmp(names[i].theirs.data, theirs.data, theirs.len) == 0)
			return slice_from(names[i].ours);
	return theirs;
}

const char *names_theirs(const struct runtime *runtime)
{
	static const struct {
		const char *ours, *theirs;
	} shown[] = {{"cpp", "c++"}, {"r", "rscript"}, {"sql", "sqlite3"}};

	for (size_t i = 0; i < ARRAY_LEN(shown); i++)
		if (strcmp(shown[i].ours, runtime->id) == 0)
			return shown[i].theirs;
	return runtime->id;
}

static void put_aliases(struct json_writer *w, const struct runtime *runtime)
{
	const char *name = names_theirs(runtime);

	if (name != runtime->id)
		json_put_text(w, NULL, runtime->id);
	for (unsigned i = 0; i < runtime->alias_count; i++)
		if (strcmp(runtime->aliases[i], name) != 0)
			json_put_text(w, NULL, runtime->aliases[i]);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i].ours, runtime->id) == 0)
			json_put_text(w, NULL, names[i].theirs.data);
}

void names_put_runtime(struct json_writer *w, const struct runtime *runtime,
		       const struct runtime_version *version)
{
	json_put_text(w, "language", names_theirs(runtime));
	json_put_text(w, "version", version->version);
	json_array_open(w, "aliases");
	put_aliases(w, runtime);
	json_array_close(w);
}

int names_encode_versions(struct buf *out, const struct api_context *api,
			  void (*put)(struct json_writer *w, const struct runtime *runtime,
				      const struct runtime_version *version))
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_array_open(&w, NULL);
	for (unsigned i = 0; i < api->runtimes->count; i++) {
		const struct runtime *runtime = &api->runtimes->runtimes[i];
		for (unsigned v = 0; v < runtime->version_count; v++) {
			json_object_open(&w, NULL);
			put(&w, runtime, &runtime->versions[v]);
			json_object_close(&w);
		}
	}
	json_array_close(&w);
	json_writer_finish(&w);
	return 200;
}
