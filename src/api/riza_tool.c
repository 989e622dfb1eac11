/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Riza's tools: a function that is kept in the store, called with an input. Its code, and the
 * secrets among its variables, come one after the other while the run waits.
 */
#include <stdio.h>
#include <string.h>

#include "json/schema.h"
#include "api/packages.h"
#include "api/riza.h"

/* --- the request --- */

static int read_variable_name(struct yyjson_val *value, const char *path, void *ctx,
			      struct err *err)
{
	return json_get_text(value, path, &((struct riza_variable *)ctx)->name, err);
}

static int read_variable_value(struct yyjson_val *value, const char *path, void *ctx,
			       struct err *err)
{
	return json_get_text(value, path, &((struct riza_variable *)ctx)->value, err);
}

static int read_secret_id(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct slice *id = &((struct riza_variable *)ctx)->secret_id;
	int rc = json_get_text(value, path, id, err);

	if (rc == 0 && id->len == 0)
		return err_field(err, ERR_INVALID_FIELD, path, "'%s' is empty.", path);
	return rc;
}

static int read_variable(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	static const struct json_field fields[] = {
	    {"name", true, read_variable_name},
	    {"value", false, read_variable_value},
	    {"secret_id", false, read_secret_id},
	    JSON_IGNORE_OTHERS,
	};
	struct riza_run *run = ctx;
	struct riza_variable *variable = &run->variables[run->variable_count++];

	variable->value = SLICE_LITERAL("");
	return json_object_read(value, path, fields, ARRAY_LEN(fields), variable, err);
}

static int read_variables(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct riza_run *run = ctx;
	size_t most = run->draft.api->config->env_entries_max;

	run->variables =
	    arena_array(run->draft.arena, struct riza_variable, MIN_OF(json_count(value), most));
	return run->variables ? json_array_read(value, path, most, read_variable, run, err)
			      : draft_no_memory(err);
}

static int read_revision_id(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	return json_get_text(value, path, &((struct riza_run *)ctx)->revision_id, err);
}

int riza_read_tool_run(struct riza_run *run, const struct api_request *request, struct err *err)
{
	static const struct json_field fields[] = {
	    {"env", false, read_variables},
	    {"http", false, riza_read_http},
	    {"input", false, riza_read_input},
	    {"revision_id", false, read_revision_id},
	    JSON_IGNORE_OTHERS,
	};

	run->tool_id = request->params[0];
	return json_object_read(request->body, "", fields, ARRAY_LEN(fields), run, err);
}

/* --- what it needs --- */

static struct riza_variable *open_variable(const struct riza_run *run)
{
	for (size_t i = 0; i < run->variable_count; i++)
		if (run->variables[i].secret_id.len)
			return &run->variables[i];
	return NULL;
}

static struct document_need need_of(const struct riza_run *run)
{
	if (run->kind == RIZA_TOOL && !run->tool_found)
		return (struct document_need){DOCUMENT_TOOL, run->tool_id, {0}};
	if (run->kind == RIZA_TOOL && !run->revision_found)
		return (struct document_need){DOCUMENT_TOOL_REVISION, run->revision_id,
					      run->tool_id};
	const struct riza_variable *variable = open_variable(run);
	if (variable)
		return (struct document_need){DOCUMENT_SECRET, variable->secret_id, {0}};
	if (run->runtime_revision_id.len)
		return (struct document_need){
		    DOCUMENT_RUNTIME_REVISION, run->runtime_revision_id, {0}};
	if (run->packages_id.len)
		return (struct document_need){DOCUMENT_RUNTIME_PACKAGES, run->packages_id, {0}};
	return (struct document_need){.kind = DOCUMENT_KIND_COUNT};
}

bool riza_next_need(const struct job_spec *spec, struct document_need *ret_need)
{
	*ret_need = need_of(spec->dialect_data);
	return ret_need->kind != DOCUMENT_KIND_COUNT;
}

/* --- what comes --- */

static int parse_head(const struct document *document, struct yyjson_doc **ret_doc, struct err *err)
{
	return json_parse(ret_doc, document->head, err) < 0
		   ? err_set(err, ERR_STORE, "%s", err_default_text(ERR_STORE))
		   : 0;
}

static struct slice copy_text(struct riza_run *run, struct yyjson_val *value)
{
	struct slice text = json_text(value);
	char *copy = arena_copy(run->draft.arena, text.data, text.len);

	return (struct slice){copy, copy ? text.len : 0};
}

static int check_input(const struct riza_run *run, struct yyjson_val *schema, struct err *err)
{
	struct yyjson_doc *doc = NULL;
	int rc = json_parse(&doc, run->input, err);

	if (rc == 0)
		rc = json_schema_check(schema, json_root(doc), "input", err);
	json_free(doc);
	return rc;
}

static int add_variables(struct riza_run *run, struct err *err)
{
	int rc = draft_make_env_room(&run->draft, run->variable_count, err);

	for (size_t i = 0; rc == 0 && i < run->variable_count; i++)
		if (!run->variables[i].secret_id.len)
			rc = draft_add_variable(&run->draft, run->variables[i].name,
						run->variables[i].value, "env", err);
	return rc;
}

/* The tool as it is, or as one of its revisions has it: the same fields. */
static int use_tool(struct riza_run *run, struct yyjson_val *tool, struct err *err)
{
	int rc = check_input(run, json_at(tool, "/input_schema"), err);

	if (rc == 0)
		rc = riza_set_language(run, json_text(json_at(tool, "/language")), err);
	if (rc == 0)
		rc = riza_make_file_room(run, 0, err);
	if (rc == 0)
		rc = draft_set_code(&run->draft, copy_text(run, json_at(tool, "/code")), "code",
				    err);
	run->draft.has_code = false;
	run->runtime_revision_id = copy_text(run, json_at(tool, "/runtime_revision_id"));
	if (rc == 0)
		rc = add_variables(run, err);
	run->revision_found = rc == 0;
	return rc < 0 ? rc : riza_add_program(run, err);
}

static int take_tool(struct riza_run *run, const struct document *document, struct err *err)
{
	struct yyjson_doc *doc = NULL;

	if (!document)
		return err_set(err, ERR_NOT_FOUND, "There is no such tool.");
	int rc = parse_head(document, &doc, err);
	struct slice current = json_text(json_at(json_root(doc), "/revision_id"));
	run->tool_found = true;
	if (rc == 0 && (run->revision_id.len == 0 || slice_equal(run->revision_id, current)))
		rc = use_tool(run, json_root(doc), err);
	json_free(doc);
	return rc;
}

static int take_revision(struct riza_run *run, const struct document *document, struct err *err)
{
	struct yyjson_doc *doc = NULL;

	if (!document)
		return err_field(err, ERR_NOT_FOUND, "revision_id",
				 "The tool has no such revision.");
	int rc = parse_head(document, &doc, err);
	if (rc == 0)
		rc = use_tool(run, json_root(doc), err);
	json_free(doc);
	return rc;
}

static int take_secret(struct riza_run *run, const struct document *document, struct err *err)
{
	struct riza_variable *variable = open_variable(run);
	char path[JSON_PATH_BYTES];

	snprintf(path, sizeof(path), "env[%zu].secret_id", (size_t)(variable - run->variables));
	if (!document)
		return err_field(err, ERR_INVALID_FIELD, path, "'%s' is no secret of yours.", path);
	variable->secret_id.len = 0;
	return draft_add_variable(&run->draft, variable->name, document->body, path, err);
}

/* Only what was built can be used. */
static int take_runtime(struct riza_run *run, const struct document *document, struct err *err)
{
	struct yyjson_doc *doc = NULL;

	if (!document)
		return err_field(err, ERR_INVALID_FIELD, "runtime_revision_id",
				 "'runtime_revision_id' is no runtime revision of yours.");
	int rc = parse_head(document, &doc, err);
	struct slice status = json_text(json_at(json_root(doc), "/status"));
	if (rc == 0 && !slice_equal(status, SLICE_LITERAL("succeeded")))
		rc = err_field(
		    err, ERR_INVALID_FIELD, "runtime_revision_id",
		    "The revision in 'runtime_revision_id' cannot be used: its status is %.*s.",
		    (int)status.len, status.data);
	json_free(doc);
	run->packages_id = run->runtime_revision_id;
	run->runtime_revision_id.len = 0;
	return rc;
}

/* Wheels may hold machine code for one Python; a version is as far as that goes: "3.13". */
static bool same_python(struct slice built, const char *version)
{
	const char *dot = strchr(version, '.'), *end = dot ? strchr(dot + 1, '.') : NULL;
	size_t len = end ? (size_t)(end - version) : strlen(version);

	return built.len >= len && memcmp(built.data, version, len) == 0 &&
	       (built.len == len || built.data[len] == '.');
}

static int check_packages(const struct riza_run *run, struct yyjson_val *head, bool *ret_python, struct err *err)
{
	const struct job_spec *spec = &run->draft.spec;
	bool python = slice_equal(json_text(json_at(head, "/kind")), SLICE_LITERAL("python"));

	if (python != (strcmp(run->language->name, "python") == 0) || !run->language->wrapper)
		return err_field(err, ERR_INVALID_FIELD, "runtime_revision_id",
				 "The revision in 'runtime_revision_id' has packages of another language.");
	if (python && !same_python(json_text(json_at(head, "/python")), spec->version->version))
		return err_field(err, ERR_INVALID_FIELD, "runtime_revision_id",
				 "The revision in 'runtime_revision_id' was built for another Python; make a new one.");
	*ret_python = python;
	return 0;
}

/* NULL: it asked for none. */
static int take_packages(struct riza_run *run, const struct document *document, struct err *err)
{
	struct yyjson_doc *doc = NULL;
	bool python = false;

	run->packages_id.len = 0;
	if (!document)
		return 0;
	int rc = parse_head(document, &doc, err);
	if (rc == 0)
		rc = check_packages(run, json_root(doc), &python, err);
	if (rc == 0)
		rc = packages_attach(&run->draft.spec, run->draft.arena, python ? PACKAGES_PYTHON : PACKAGES_NPM,
				     document->body, err);
	json_free(doc);
	return rc;
}

int riza_take(const struct api_context *api, struct arena *arena _unused_, struct job_spec *spec,
	      const struct document *document, struct err *err)
{
	static int (*const take[DOCUMENT_KIND_COUNT])(struct riza_run *, const struct document *,
						      struct err *) = {
	    [DOCUMENT_TOOL] = take_tool,
	    [DOCUMENT_TOOL_REVISION] = take_revision,
	    [DOCUMENT_SECRET] = take_secret,
	    [DOCUMENT_RUNTIME_REVISION] = take_runtime,
	    [DOCUMENT_RUNTIME_PACKAGES] = take_packages,
	};
	struct riza_run *run = spec->dialect_data;

	run->draft.api = api;
	int rc = take[need_of(run).kind](run, document, err);
	run->draft.spec.dialect_data = run;
	*spec = run->draft.spec;
	return rc;
}
