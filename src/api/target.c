/* SPDX-License-Identifier: Apache-2.0 */
#include "api/target.h"

#include <stdio.h>

#include "json/json.h"

const char *const engine_names[ENGINE_COUNT] = {
    [ENGINE_NATIVE] = "native",
    [ENGINE_WASM] = "wasm",
    [ENGINE_AUTO] = "auto",
};

/* "a, b, c", or "a, b, ..." if there are too many for one sentence. */
struct name_list {
	char text[160];
	size_t used;
};

static void list_add(struct name_list *list, const char *name)
{
	static const char more[] = ", ...";
	size_t room = sizeof(list->text) - list->used;

	if (list->used > 0 && strlen(name) + sizeof(", ") + sizeof(more) > room) {
		/* the first that does not fit ends the list: what is left is no longer enough for
		 * any */
		if (room > sizeof(more))
			snprintf(list->text + list->used, room, "%s", more);
		list->used = sizeof(list->text) - 1;
		return;
	}
	list->used +=
	    (size_t)snprintf(list->text + list->used, room, "%s%s", list->used ? ", " : "", name);
	list->used = MIN_OF(list->used, sizeof(list->text) - 1);
}

int target_language(const struct api_context *api, struct slice name, const char *path,
		    const struct runtime **ret_runtime, struct err *err)
{
	const struct runtime_table *table = api->runtimes;
	const struct runtime *runtime = runtime_find(table, name.data, name.len);
	struct name_list ids = {0};
	char shown[JSON_PATH_BYTES];

	if (runtime) {
		*ret_runtime = runtime;
		return 0;
	}
	for (unsigned i = 0; i < table->count; i++)
		list_add(&ids, table->runtimes[i].id);
	json_path_key(shown, "", name);
	return err_field(err, ERR_UNKNOWN_LANGUAGE, path,
			 "There is no runtime '%s'; there are: %s.", shown,
			 ids.used ? ids.text : "none");
}

int target_version(const struct runtime *runtime, struct slice selector, const char *path,
		   const struct runtime_version **ret_version, struct err *err)
{
	struct name_list versions = {0};
	char shown[JSON_PATH_BYTES];
	bool valid = false;
	const struct runtime_version *version =
	    runtime_select(runtime, selector.data, selector.len, &valid);

	if (version) {
		*ret_version = version;
		return 0;
	}
	json_path_key(shown, "", selector);
	if (!valid)
		return err_field(err, ERR_INVALID_FIELD, path,
				 "'%s' is no version; write '3', '3.13', '>=3.11 <4' or '*'.",
				 shown);
	for (unsigned i = 0; i < runtime->version_count; i++)
		list_add(&versions, runtime->versions[i].version);
	return err_field(err, ERR_UNKNOWN_VERSION, path,
			 "No installed version of %s matches '%s'; there are: %s.", runtime->name,
			 shown, versions.used ? versions.text : "none");
}

static bool has_engine(const struct runtime *runtime, enum engine_kind engine)
{
	return runtime->engines & (engine == ENGINE_WASM ? RUNTIME_WASM : RUNTIME_NATIVE);
}

int target_engine(const struct runtime *runtime, const char *path, enum engine_kind *engine,
		  struct err *err)
{
	enum engine_kind wanted = *engine;

	if (wanted == ENGINE_AUTO)
		wanted = has_engine(runtime, ENGINE_NATIVE) ? ENGINE_NATIVE : ENGINE_WASM;
	if (!has_engine(runtime, wanted))
		return err_field(err, ERR_UNSUPPORTED_ENGINE, path,
				 "%s does not have the engine '%s'.", runtime->name,
				 engine_names[wanted]);
	*engine = wanted;
	return 0;
}

int target_flag(const struct runtime *runtime, const struct runtime_version *version,
		struct slice flag, const char *path, struct err *err)
{
	struct name_list flags = {0};
	char shown[JSON_PATH_BYTES];

	if (runtime_allows_flag(version, flag.data, flag.len))
		return 0;
	for (unsigned i = 0; i < version->flag_count; i++)
		list_add(&flags, version->flags[i]);
	json_path_key(shown, "", flag);
	return err_field(err, ERR_INVALID_FIELD, path,
			 "%s does not take the flag '%s'; it takes: %s.", runtime->name, shown,
			 flags.used ? flags.text : "none");
}
