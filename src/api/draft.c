/* SPDX-License-Identifier: Apache-2.0 */
#include "api/draft.h"

#include <stdio.h>
#include <string.h>

#include "api/limit.h"
#include "api/target.h"

#define FLAGS_MAX 32

/* Text that becomes a C string of the program: an argument, a part of the environment. */
static int check_c_text(struct slice text, uint64_t most, const char *path, struct err *err)
{
	if (slice_has_nul(text))
		return err_field(err, ERR_INVALID_FIELD, path, "'%s' has a NUL character.", path);
	return draft_check_bytes(text.len, most, path, err);
}

/* --- where it runs --- */

int draft_set_language(struct draft *draft, struct slice name, const char *path, struct err *err)
{
	struct job_spec *spec = &draft->spec;
	int rc = target_language(draft->api, name, path, &spec->runtime, err);

	return rc < 0 ? rc : limit_preset_all(&spec->limits, draft->api, spec->runtime, err);
}

int draft_read_language(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct slice name;
	int rc = json_get_text(value, path, &name, err);

	return rc < 0 ? rc : draft_set_language(ctx, name, path, err);
}

int draft_read_version(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct job_spec *spec = &((struct draft *)ctx)->spec;
	struct slice selector;
	int rc = json_get_text(value, path, &selector, err);

	return rc < 0 ? rc : target_version(spec->runtime, selector, path, &spec->version, err);
}

int draft_read_engine(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct job_spec *spec = &((struct draft *)ctx)->spec;
	unsigned index;
	int rc = json_get_choice(value, path, engine_names, ENGINE_COUNT, &index, err);

	if (rc == 0)
		spec->engine = (enum engine_kind)index;
	return rc;
}

int draft_read_limits(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct draft *draft = ctx;

	return limit_read_all(value, path, draft->api, draft->spec.runtime,
			      &draft->spec.limits, err);
}

int draft_read_limit(struct draft *draft, enum limit limit, struct yyjson_val *value, uint64_t unit,
		     const char *path, struct err *err)
{
	return limit_read(limit, value, unit, path, draft->api, draft->spec.runtime,
			  &draft->spec.limits, err);
}

void draft_preset_limit(struct draft *draft, enum limit limit, uint64_t value)
{
	limit_preset(limit, value, draft->api, draft->spec.runtime, &draft->spec.limits);
}

void draft_let_compute(struct draft *draft)
{
	const struct job_limits *limits = &draft->spec.limits;

	if (limits->wall_time_ms > limits->cpu_time_ms)
		draft_preset_limit(draft, LIMIT_cpu_time_ms, limits->wall_time_ms);
}

/* --- what it is given --- */

static int read_arg(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct draft *draft = ctx;
	struct slice text;
	int rc = json_get_text(value, path, &text, err);

	if (rc == 0)
		rc = check_c_text(text, draft->api->config->args_bytes_max, path, err);
	if (rc == 0)
		draft->spec.args[draft->spec.arg_count++] = text;
	return rc;
}

int draft_read_args(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct draft *draft = ctx;
	size_t most = draft->api->config->args_entries_max;

	draft->spec.args =
	    arena_array(draft->arena, struct slice, MIN_OF(json_count(value), most));
	if (!draft->spec.args)
		return draft_no_memory(err);
	return json_array_read(value, path, most, read_arg, draft, err);
}

/* Which ones are allowed depends on the version, which is known in the end: see complete(). */
static int read_flag(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct job_spec *spec = &((struct draft *)ctx)->spec;

	return json_get_text(value, path, &spec->flags[spec->flag_count++], err);
}

int draft_read_flags(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct draft *draft = ctx;

	draft->spec.flags =
	    arena_array(draft->arena, struct slice, MIN_OF(json_count(value), (size_t)FLAGS_MAX));
	if (!draft->spec.flags)
		return draft_no_memory(err);
	return json_array_read(value, path, FLAGS_MAX, read_flag, draft, err);
}

/* Any name that execve can pass on; that shells want letters, digits and '_' is their affair. */
static int check_env_name(struct slice name, uint64_t most, const char *path, struct err *err)
{
	if (name.len == 0 || memchr(name.data, '=', name.len))
		return err_field(err, ERR_INVALID_FIELD, path, "The variable's name in '%s' %s.",
				 path, name.len ? "has a '='" : "is empty");
	return check_c_text(name, most, path, err);
}

int draft_add_variable(struct draft *draft, struct slice name, struct slice text, const char *path,
		       struct err *err)
{
	const struct config *config = draft->api->config;
	int rc = check_env_name(name, config->env_key_bytes_max, path, err);

	if (rc == 0)
		rc = check_c_text(text, config->env_value_bytes_max, path, err);
	if (rc < 0)
		return rc;
	char *line = arena_alloc(draft->arena, name.len + 1 + text.len);
	if (!line)
		return draft_no_memory(err);
	memcpy(line, name.data, name.len);
	line[name.len] = '=';
	memcpy(line + name.len + 1, text.data, text.len);
	draft->spec.env[draft->spec.env_count++] =
	    (struct slice){line, name.len + 1 + text.len};
	return 0;
}

static int read_variable(struct slice name, struct yyjson_val *value, const char *path, void *ctx,
			 struct err *err)
{
	struct slice text;
	int rc = json_get_text(value, path, &text, err);

	return rc < 0 ? rc : draft_add_variable(ctx, name, text, path, err);
}

int draft_make_env_room(struct draft *draft, size_t count, struct err *err)
{
	size_t most = draft->api->config->env_entries_max;

	draft->spec.env = arena_array(draft->arena, struct slice, MIN_OF(count, most));
	return draft->spec.env ? 0 : draft_no_memory(err);
}

int draft_read_env(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct draft *draft = ctx;
	int rc = draft_make_env_room(draft, json_count(value), err);

	return rc < 0 ? rc
		      : json_map_read(value, path, draft->api->config->env_entries_max,
				      read_variable, draft, err);
}

int draft_read_stdin(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct draft *draft = ctx;
	struct slice *data = &draft->spec.stdin_data;
	int rc = draft_read_content(value, path, draft->arena, data, err);

	return rc < 0 ? rc
		      : draft_check_bytes(data->len, draft->api->config->stdin_bytes_max, path, err);
}

/* --- a terminal --- */

#define WINDOW_MOST 10000

static int read_rows(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	uint64_t number;
	int rc = json_get_u64(value, path, 1, WINDOW_MOST, &number, err);

	if (rc == 0)
		((struct window *)ctx)->rows = (uint16_t)number;
	return rc;
}

static int read_columns(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	uint64_t number;
	int rc = json_get_u64(value, path, 1, WINDOW_MOST, &number, err);

	if (rc == 0)
		((struct window *)ctx)->columns = (uint16_t)number;
	return rc;
}

int draft_read_window(struct yyjson_val *value, const char *path, struct window *ret_window,
		      struct err *err)
{
	static const struct json_field fields[] = {{"rows", true, read_rows},
						   {"columns", true, read_columns}};

	return json_object_read(value, path, fields, ARRAY_LEN(fields), ret_window, err);
}

int draft_read_pty(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct window *window = &((struct draft *)ctx)->spec.window;
	bool wanted;

	if (json_is_object(value))
		return draft_read_window(value, path, window, err);
	int rc = json_get_bool(value, path, &wanted, err);
	if (rc == 0 && wanted)
		*window = (struct window){24, 80}; /* as of the VT100, and what programs expect */
	return rc;
}

int draft_read_output_encoding(struct yyjson_val *value, const char *path, void *ctx,
				struct err *err)
{
	static const char *const names[] = {[OUTPUT_TEXT] = "text", [OUTPUT_BASE64] = "base64"};
	unsigned index;
	int rc = json_get_choice(value, path, names, ARRAY_LEN(names), &index, err);

	if (rc == 0)
		((struct draft *)ctx)->spec.output_encoding = (enum output_encoding)index;
	return rc;
}

static int check_flags(const struct job_spec *spec, struct err *err)
{
	char path[JSON_PATH_BYTES];
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < spec->flag_count; i++) {
		snprintf(path, sizeof(path), "flags[%zu]", i);
		rc = target_flag(spec->runtime, spec->version, spec->flags[i], path, err);
	}
	return rc;
}

static int check_repl(const struct job_spec *spec, struct err *err)
{
	if (spec->file_count || spec->version->repl.argc)
		return 0;
	return err_field(err, ERR_MISSING_FIELD, "code",
			 "%s has nothing to talk with; send the program as 'code' or as 'files'.",
			 spec->runtime->name);
}

/* What follows from several fields, or from a field that was not sent. */
int draft_complete(struct draft *draft, struct err *err)
{
	struct job_spec *spec = &draft->spec;
	int rc = draft_choose_program(draft, err);

	if (rc == 0 && !spec->version)
		rc = target_version(spec->runtime, SLICE_LITERAL("*"), "version", &spec->version,
				    err);
	if (rc == 0)
		rc = check_repl(spec, err);
	if (rc == 0)
		rc = check_flags(spec, err);
	return rc < 0 ? rc : target_engine(spec->runtime, "engine", &spec->engine, err);
}

