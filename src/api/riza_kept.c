/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A head is exactly what answers show, so lists and looks need no JSON to be read. A secret's value
 * is its document's body, which nothing here writes to an answer.
 */
#include "api/riza_kept.h"

#include <stdio.h>
#include <string.h>

#include "api/draft.h"
#include "api/riza.h"
#include "json/schema.h"

#define PAGE_DEFAULT	   100
#define NAME_BYTES_MAX	   256
#define DESCRIPTION_MAX	   (16 * KIB)
#define SCHEMA_BYTES_MAX   (256 * KIB)
#define MANIFEST_BYTES_MAX (256 * KIB)
#define HEAD_BYTES_MAX	   (8 * MIB)

/* --- parts --- */

static bool is_there(struct yyjson_val *value)
{
	return value && !json_is_null(value);
}

/* The field as it is now: of the body if it is there, else of what is changed. NULL: of neither. */
static struct yyjson_val *field_of(const struct riza_making *making, const char *pointer)
{
	struct yyjson_val *value = json_at(making->body, pointer);

	return is_there(value) ? value : making->old ? json_at(making->old, pointer) : NULL;
}

/* pointer is "/" and the field's name. */
/* As other refusals write it: "/a/b" is 'a.b'. */
static void path_of(char out[static JSON_PATH_BYTES], const char *pointer)
{
	snprintf(out, JSON_PATH_BYTES, "%s", pointer + 1);
	for (char *slash = out; (slash = strchr(slash, '/'));)
		*slash = '.';
}

static int need_text(const struct riza_making *making, const char *pointer, size_t most,
		     struct slice *ret_text, struct err *err)
{
	struct yyjson_val *value = field_of(making, pointer);
	char path[JSON_PATH_BYTES];

	path_of(path, pointer);
	if (!is_there(value))
		return err_field(err, ERR_MISSING_FIELD, path, "The field '%s' is missing.", path);
	int rc = json_get_text(value, path, ret_text, err);
	return rc < 0 ? rc : draft_check_bytes(ret_text->len, most, path, err);
}

static int need_name(const struct riza_making *making, struct slice *ret_name, struct err *err)
{
	int rc = need_text(making, "/name", NAME_BYTES_MAX, ret_name, err);

	if (rc == 0 && ret_name->len == 0)
		return err_field(err, ERR_INVALID_FIELD, "name", "'name' is empty.");
	return rc;
}

static int may_text(const struct riza_making *making, const char *pointer, size_t most,
		    struct slice *ret_text, struct err *err)
{
	*ret_text = (struct slice){"", 0};
	return is_there(field_of(making, pointer)) ? need_text(making, pointer, most, ret_text, err)
						   : 0;
}

static void begin(struct json_writer *w, struct buf *out)
{
	buf_clear(out);
	json_writer_init(w, out);
	json_object_open(w, NULL);
}

static int end(struct json_writer *w, struct err *err)
{
	json_object_close(w);
	json_writer_finish(w);
	return w->rc < 0 ? draft_no_memory(err) : 0;
}

static void put_text_if(struct json_writer *w, const char *key, struct slice text)
{
	if (text.len)
		json_put_bytes(w, key, text);
}

static int keep(const struct riza_making *making, enum document_kind kind, const char *id,
		const char *parent, const struct buf *head, struct slice body, struct err *err)
{
	struct document document = {.kind = kind, .head = buf_slice(head), .body = body};

	snprintf(document.id, sizeof(document.id), "%s", id);
	snprintf(document.parent, sizeof(document.parent), "%s", parent);
	return document_write(making->documents, &document) < 0 ? draft_no_memory(err) : 0;
}

/* The id of what is changed, or a new one. */
static void id_of(const struct riza_making *making, const char *prefix, char out[static ID_BYTES])
{
	struct slice old = making->old ? json_text(json_at(making->old, "/id")) : (struct slice){0};

	id_make(out, prefix);
	if (old.len && old.len < ID_BYTES)
		snprintf(out, ID_BYTES, "%.*s", (int)old.len, old.data);
}

/* --- tools --- */

struct tool {
	char id[ID_BYTES], revision_id[ID_BYTES];
	const struct riza_language *language;
	struct slice name, code, description, runtime_revision_id;
	struct yyjson_val *input_schema;
};

static int read_tool_language(const struct riza_making *making, struct tool *tool, struct err *err)
{
	struct slice name;
	int rc = need_text(making, "/language", NAME_BYTES_MAX, &name, err);

	if (rc < 0)
		return rc;
	tool->language = riza_find_language(name, true);
	return tool->language ? 0
			      : err_field(err, ERR_INVALID_FIELD, "language",
					  "'language' must be python, javascript or typescript.");
}

static int read_schema(const struct riza_making *making, struct tool *tool, struct err *err)
{
	struct slice text;

	tool->input_schema = field_of(making, "/input_schema");
	if (!is_there(tool->input_schema))
		return 0;
	text = json_value_text(tool->input_schema, making->arena);
	int rc = draft_check_bytes(text.len, SCHEMA_BYTES_MAX, "input_schema", err);
	return rc < 0 ? rc : json_schema_validate(tool->input_schema, "input_schema", err);
}

static int read_tool(const struct riza_making *making, struct tool *tool, struct err *err)
{
	int rc = need_text(making, "/code", making->api->config->code_bytes_max, &tool->code, err);

	if (rc == 0)
		rc = read_tool_language(making, tool, err);
	if (rc == 0)
		rc = need_name(making, &tool->name, err);
	if (rc == 0)
		rc = may_text(making, "/description", DESCRIPTION_MAX, &tool->description, err);
	if (rc == 0)
		rc = may_text(making, "/runtime_revision_id", ID_BYTES, &tool->runtime_revision_id,
			      err);
	return rc < 0 ? rc : read_schema(making, tool, err);
}

static int write_tool(const struct tool *tool, struct buf *out, struct err *err)
{
	struct json_writer w;

	begin(&w, out);
	json_put_text(&w, "id", tool->id);
	json_put_bytes(&w, "code", tool->code);
	json_put_bytes(&w, "description", tool->description);
	if (is_there(tool->input_schema)) {
		json_put_value(&w, "input_schema", tool->input_schema);
	} else {
		json_object_open(&w, "input_schema");
		json_object_close(&w);
	}
	json_put_text(&w, "language", tool->language->name);
	json_put_bytes(&w, "name", tool->name);
	json_put_text(&w, "revision_id", tool->revision_id);
	put_text_if(&w, "runtime_revision_id", tool->runtime_revision_id);
	return end(&w, err);
}

/* Every change is a revision, kept as the tool was then. */
int riza_make_tool(const struct riza_making *making, struct err *err)
{
	struct tool tool = {0};
	int rc = read_tool(making, &tool, err);

	id_of(making, "tool", tool.id);
	id_make(tool.revision_id, "trev");
	if (rc == 0)
		rc = write_tool(&tool, making->answer, err);
	if (rc == 0)
		rc = keep(making, DOCUMENT_TOOL, tool.id, "", making->answer, (struct slice){0},
			  err);
	return rc < 0 ? rc
		      : keep(making, DOCUMENT_TOOL_REVISION, tool.revision_id, tool.id,
			     making->answer, (struct slice){0}, err);
}

/* --- secrets --- */

int riza_make_secret(const struct riza_making *making, struct err *err)
{
	struct slice name, value;
	char id[ID_BYTES];
	struct json_writer w;
	int rc = need_name(making, &name, err);

	if (rc == 0)
		rc = need_text(making, "/value", making->api->config->env_value_bytes_max, &value,
			       err);
	if (rc == 0 && slice_has_nul(value))
		rc = err_field(err, ERR_INVALID_FIELD, "value", "'value' has a NUL character.");
	if (rc < 0)
		return rc;
	id_make(id, "sec");
	begin(&w, making->answer);
	json_put_text(&w, "id", id);
	json_put_bytes(&w, "name", name);
	rc = end(&w, err);
	return rc < 0 ? rc : keep(making, DOCUMENT_SECRET, id, "", making->answer, value, err);
}

/* --- runtimes --- */

struct manifest {
	char revision_id[ID_BYTES];
	const char *name;
	struct slice contents, imports;
	enum package_kind kind;
	bool asks;	 /* for packages */
	const char *why; /* it is not built; NULL: it is */
};

static const struct {
	const char *language, *manifest;
	enum package_kind kind;
} manifests[] = {{"python", "requirements.txt", PACKAGES_PYTHON}, {"javascript", "package.json", PACKAGES_NPM}};

/* Nothing but blank lines and comments. */
static bool asks_for_no_package(struct slice text)
{
	bool comment = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		comment = c != '\n' && (comment || c == '#');
		if (!comment && !strchr(" \t\r\n", c))
			return false;
	}
	return true;
}

/* A package.json without dependencies. */
static bool depends_on_nothing(struct slice text)
{
	struct yyjson_doc *doc = NULL;
	bool nothing = json_parse(&doc, text, NULL) == 0 && json_is_object(json_root(doc)) &&
		       json_count(json_at(json_root(doc), "/dependencies")) == 0;

	json_free(doc);
	return nothing;
}

static int read_manifest_name(const struct riza_making *making, struct slice language,
			      struct manifest *manifest, struct err *err)
{
	struct slice name;
	unsigned index = 0;
	int rc = need_text(making, "/manifest_file/name", NAME_BYTES_MAX, &name, err);

	while (index + 1 < ARRAY_LEN(manifests) &&
	       !slice_equal(language, slice_from(manifests[index].language)))
		index++;
	manifest->name = manifests[index].manifest;
	manifest->kind = manifests[index].kind;
	if (rc == 0 && !slice_equal(name, slice_from(manifest->name)))
		rc = err_field(err, ERR_INVALID_FIELD, "manifest_file.name",
			       "'manifest_file.name' must be %s for %s.", manifest->name,
			       manifests[index].language);
	return rc;
}

/* What asks for no package is built; so is what has been built before this is called. */
static const char *why_not_built(const struct riza_making *making, const struct manifest *manifest)
{
	if (!manifest->asks)
		return NULL;
	return making->packages ? making->packages->why
				: "This server's operator allows no package index, so the packages of the "
				  "manifest cannot be fetched.";
}

static int read_manifest(const struct riza_making *making, struct slice language,
			 struct manifest *manifest, struct err *err)
{
	int rc = read_manifest_name(making, language, manifest, err);

	if (rc == 0)
		rc = need_text(making, "/manifest_file/contents", MANIFEST_BYTES_MAX,
			       &manifest->contents, err);
	if (rc == 0)
		rc = may_text(making, "/additional_python_imports", MANIFEST_BYTES_MAX,
			      &manifest->imports, err);
	manifest->asks = rc < 0 || !(manifest->kind == PACKAGES_PYTHON ? asks_for_no_package(manifest->contents)
								       : depends_on_nothing(manifest->contents));
	manifest->why = why_not_built(making, manifest);
	id_make(manifest->revision_id, "rrev");
	return rc;
}

static void put_manifest(struct json_writer *w, const struct manifest *manifest)
{
	json_put_text(w, "status", manifest->why ? "failed" : "succeeded");
	if (manifest->why)
		json_put_text(w, "status_message", manifest->why);
	json_object_open(w, "manifest_file");
	json_put_text(w, "name", manifest->name);
	json_put_bytes(w, "contents", manifest->contents);
	json_object_close(w);
	put_text_if(w, "additional_python_imports", manifest->imports);
}

static int write_revision(const struct manifest *manifest, const char *runtime_id, struct buf *out,
			  struct err *err)
{
	struct json_writer w;

	begin(&w, out);
	json_put_text(&w, "id", manifest->revision_id);
	json_put_text(&w, "runtime_id", runtime_id);
	put_manifest(&w, manifest);
	return end(&w, err);
}

struct runtime_fields {
	char id[ID_BYTES];
	struct slice name, language, engine;
};

static int write_runtime(const struct runtime_fields *fields, const struct manifest *manifest,
			 struct buf *out, struct err *err)
{
	struct json_writer w;

	begin(&w, out);
	json_put_text(&w, "id", fields->id);
	json_put_bytes(&w, "engine", fields->engine);
	json_put_bytes(&w, "language", fields->language);
	json_put_bytes(&w, "name", fields->name);
	json_put_text(&w, "revision_id", manifest->revision_id);
	put_manifest(&w, manifest);
	return end(&w, err);
}

static int read_choice(const struct riza_making *making, const char *pointer,
		       const char *const *names, size_t count, const char *otherwise,
		       struct slice *ret_name, struct err *err)
{
	struct yyjson_val *value = field_of(making, pointer);
	unsigned index;

	*ret_name = slice_from(otherwise);
	if (!is_there(value) && otherwise)
		return 0;
	int rc = json_get_choice(value, pointer + 1, names, count, &index, err);
	if (rc == 0)
		*ret_name = slice_from(names[index]);
	return rc;
}

static int read_runtime(const struct riza_making *making, struct runtime_fields *fields,
			struct err *err)
{
	static const char *const languages[] = {"python", "javascript"};
	static const char *const engines[] = {"wasi", "microvm", "v8"};
	int rc = need_name(making, &fields->name, err);

	if (rc == 0)
		rc = read_choice(making, "/language", languages, ARRAY_LEN(languages), NULL,
				 &fields->language, err);
	if (rc == 0)
		rc = read_choice(making, "/engine", engines, ARRAY_LEN(engines), "microvm",
				 &fields->engine, err);
	id_of(making, "rt", fields->id);
	return rc;
}

/* What runs with the revision have among their files. */
static int keep_packages(const struct riza_making *making, const struct manifest *manifest,
			 const char *runtime_id, struct err *err)
{
	struct json_writer w;
	_buf_finish_ struct buf head;

	buf_init(&head, KIB);
	if (!manifest->asks || manifest->why || !making->packages->tree.len)
		return 0;
	begin(&w, &head);
	json_put_text(&w, "kind", packages_kind_name(manifest->kind));
	json_put_text(&w, "python", making->packages->python);
	int rc = end(&w, err);
	return rc < 0 ? rc
		      : keep(making, DOCUMENT_RUNTIME_PACKAGES, manifest->revision_id, runtime_id,
			     &head, making->packages->tree, err);
}

bool riza_needs_packages(const struct riza_making *making, enum package_kind *ret_kind, struct slice *ret_manifest)
{
	struct runtime_fields fields = {0};
	struct manifest manifest = {0};
	struct err err;

	if (read_runtime(making, &fields, &err) < 0 ||
	    read_manifest(making, fields.language, &manifest, &err) < 0 || !manifest.asks ||
	    !packages_index(making->api->config, manifest.kind).len)
		return false;
	*ret_kind = manifest.kind;
	*ret_manifest = manifest.contents;
	return true;
}

/* A runtime and its newest revision; shown is the one that was asked for. */
static int make_runtime(const struct riza_making *making, bool show_revision, struct err *err)
{
	struct runtime_fields fields = {0};
	struct manifest manifest = {0};
	_buf_finish_ struct buf other;
	struct buf *runtime = show_revision ? &other : making->answer;
	struct buf *revision = show_revision ? making->answer : &other;
	int rc = read_runtime(making, &fields, err);

	buf_init(&other, HEAD_BYTES_MAX);
	if (rc == 0)
		rc = read_manifest(making, fields.language, &manifest, err);
	if (rc == 0)
		rc = write_runtime(&fields, &manifest, runtime, err);
	if (rc == 0)
		rc = write_revision(&manifest, fields.id, revision, err);
	if (rc == 0)
		rc = keep(making, DOCUMENT_RUNTIME, fields.id, "", runtime, (struct slice){0}, err);
	if (rc == 0)
		rc = keep_packages(making, &manifest, fields.id, err);
	return rc < 0 ? rc
		      : keep(making, DOCUMENT_RUNTIME_REVISION, manifest.revision_id, fields.id,
			     revision, (struct slice){0}, err);
}

int riza_make_runtime(const struct riza_making *making, struct err *err)
{
	return make_runtime(making, false, err);
}

int riza_make_revision(const struct riza_making *making, struct err *err)
{
	return make_runtime(making, true, err);
}

/* --- lists --- */

static int read_most(struct slice text, uint32_t *ret_most, struct err *err)
{
	uint32_t number = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9' || i > 6)
			return err_field(err, ERR_INVALID_FIELD, "limit",
					 "'limit' must be a number from 1 to %d.",
					 DOCUMENTS_PAGE_MAX);
		number = number * 10 + (uint32_t)(text.data[i] - '0');
	}
	*ret_most =
	    text.len && number ? MIN_OF(number, (uint32_t)DOCUMENTS_PAGE_MAX) : PAGE_DEFAULT;
	return 0;
}

int riza_read_page(struct slice query, struct riza_page *ret_page, struct err *err)
{
	struct slice flag = api_query_value(query, "only_non_zero_exit_codes");

	ret_page->after = api_query_value(query, "starting_after");
	ret_page->marked = slice_equal(flag, SLICE_LITERAL("true"));
	if (ret_page->after.len >= ID_BYTES)
		return err_field(err, ERR_INVALID_FIELD, "starting_after",
				 "'starting_after' is no id.");
	return read_most(api_query_value(query, "limit"), &ret_page->most, err);
}

int riza_encode_page(struct buf *out, const char *key, struct slice bytes)
{
	struct document document;
	struct json_writer w;
	int more;

	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	json_array_open(&w, key);
	while ((more = document_next(&bytes, &document)) > 0)
		json_put_json(&w, NULL, document.head);
	json_array_close(&w);
	json_object_close(&w);
	json_writer_finish(&w);
	return more < 0 ? more : w.rc;
}

/* The details go in front of the head's last brace. */
int riza_encode_kept(struct buf *out, const struct document *document)
{
	struct slice head = document->head, body = document->body;

	if (document->kind != DOCUMENT_EXECUTION || body.len == 0 || head.len == 0)
		return buf_append(out, head.data, head.len);
	int rc = buf_append(out, head.data, head.len - 1);
	if (rc == 0)
		rc = buf_append_text(out, ",\"details\":");
	if (rc == 0)
		rc = buf_append(out, body.data, body.len);
	return rc < 0 ? rc : buf_append_text(out, "}");
}

void riza_encode_deleted(struct buf *out, struct slice id)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	json_put_bytes(&w, "id", id);
	json_put_bool(&w, "deleted", true);
	json_object_close(&w);
	json_writer_finish(&w);
}
