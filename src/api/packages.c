/* SPDX-License-Identifier: Apache-2.0 */
#include "api/packages.h"

#include <stdio.h>
#include <string.h>

#include "api/files.h"
#include "api/limit.h"
#include "base/urls.h"
#include "json/json.h"

#define PYTHON	    "python"
#define DISK_BYTES  (256 * MIB)
#define DIRECTORY   ".packages"
#define PYTHON_PATH "PYTHONPATH=" PAYLOAD_WORK_DIR "/" DIRECTORY
#define URL_MAX	    URL_BYTES_MAX
#define ACCEPT_MAX  256

/* The program, its main file first. */
static const struct {
	const char *name, *text;
} parts[] = {
    {
	"packages.py",
#include "packages_packages.h"
    },
    {
	"index.py",
#include "packages_index.h"
    },
    {
	"wheels.py",
#include "packages_wheels.h"
    },
    {
	"npm.py",
#include "packages_npm.h"
    },
};

static const struct {
	const char *name, *directory, *variable;
} kinds[PACKAGES_KINDS] = {
    [PACKAGES_PYTHON] = {"python", DIRECTORY, PYTHON_PATH},
    [PACKAGES_NPM] = {"npm", "", NULL}, /* beside the program, where Node.js looks */
};

const char *packages_kind_name(enum package_kind kind)
{
	return kinds[kind].name;
}

const char *packages_directory(enum package_kind kind)
{
	return kinds[kind].directory;
}

struct slice packages_index(const struct config *config, enum package_kind kind)
{
	return urls_first(kind == PACKAGES_PYTHON ? config->python_index_url
						  : config->npm_registry_url);
}

/* --- a round --- */

struct making {
	struct job_spec *spec;
	struct arena *arena;
};

static void add_file(struct making *making, const char *name, struct slice data)
{
	struct job_spec *spec = making->spec;

	spec->files[spec->file_count++] = (struct job_file){.name = slice_from(name), .data = data};
}

static struct slice in_arena(struct arena *arena, struct buf *text)
{
	char *copy = text->len ? arena_copy(arena, text->data, text->len) : NULL;
	struct slice slice = {copy, copy ? text->len : 0};

	buf_finish(text);
	return slice;
}

static struct slice write_ask(struct arena *arena, enum package_kind kind, struct slice index,
			      struct slice manifest)
{
	struct json_writer w;
	struct buf text;

	buf_init(&text, 8 * MIB);
	json_writer_init(&w, &text);
	json_object_open(&w, NULL);
	json_put_text(&w, "kind", kinds[kind].name);
	json_put_bytes(&w, "index", index);
	json_put_bytes(&w, "manifest", manifest);
	json_object_close(&w);
	json_writer_finish(&w);
	return in_arena(arena, &text);
}

/* [[url, status, name below .got], ...] */
static struct slice write_got(struct arena *arena, const struct packages_got *got, size_t count)
{
	struct json_writer w;
	struct buf text;
	char name[24];

	buf_init(&text, 8 * MIB);
	json_writer_init(&w, &text);
	json_array_open(&w, NULL);
	for (size_t i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%zu", i);
		json_array_open(&w, NULL);
		json_put_bytes(&w, NULL, got[i].url);
		json_put_u64(&w, NULL, got[i].status);
		json_put_text(&w, NULL, name);
		json_array_close(&w);
	}
	json_array_close(&w);
	json_writer_finish(&w);
	return in_arena(arena, &text);
}

static int add_files(struct making *making, enum package_kind kind, struct slice index,
		     struct slice manifest, const struct packages_got *got, size_t count)
{
	struct arena *arena = making->arena;
	struct slice ask = write_ask(arena, kind, index, manifest),
		     list = write_got(arena, got, count);

	making->spec->files = arena_array(arena, struct job_file, count + ARRAY_LEN(parts) + 2);
	if (!making->spec->files || !ask.data || !list.data)
		return -ERR_NO_MEMORY;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		add_file(making, parts[i].name, slice_from(parts[i].text));
	add_file(making, PACKAGES_ASK_FILE, ask);
	add_file(making, PACKAGES_GOT_FILE, list);
	for (size_t i = 0; i < count; i++) {
		char *name = arena_printf(arena, ".got/%zu", i);
		if (!name)
			return -ERR_NO_MEMORY;
		add_file(making, name, buf_slice(&got[i].bytes));
	}
	return 0;
}

static int set_limits(struct job_spec *spec, const struct api_context *api, struct err *err)
{
	int rc = limit_preset_all(&spec->limits, api, spec->runtime, err);

	if (rc < 0)
		return rc;
	limit_preset(LIMIT_disk_bytes, DISK_BYTES, api, spec->runtime, &spec->limits);
	spec->limits.artifacts = 2;
	spec->limits.artifact_bytes = DOCUMENT_BYTES_MAX;
	return 0;
}

int packages_make_job(struct job_spec *ret_spec, const struct api_context *api, struct arena *arena,
		      enum package_kind kind, struct slice manifest, const struct packages_got *got,
		      size_t count, struct err *err)
{
	static struct slice left[] = {SLICE_LITERAL(PACKAGES_ANSWER), SLICE_LITERAL(PACKAGES_TREE)};
	const struct runtime *runtime = runtime_find(api->runtimes, PYTHON, sizeof(PYTHON) - 1);
	struct job_spec spec = {
	    .runtime = runtime, .output_files = left, .output_file_count = ARRAY_LEN(left)};
	struct making making = {&spec, arena};

	if (!runtime || !runtime->version_count)
		return err_set(err, ERR_UNKNOWN_LANGUAGE,
			       "This server has no Python, which packages are found with.");
	spec.version = &runtime->versions[0];
	int rc = set_limits(&spec, api, err);
	if (rc < 0)
		return rc;
	if (add_files(&making, kind, packages_index(api->config, kind), manifest, got, count) < 0)
		return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	*ret_spec = spec;
	return 0;
}

/* --- what it leaves --- */

static struct slice find_left(const struct job_result *result, const char *name)
{
	const struct collected *collected = &result->artifacts;

	for (size_t i = 0; i < collected->count; i++)
		if (collected->files[i].skip == COLLECT_TAKEN &&
		    slice_equal(collected->files[i].name, slice_from(name)))
			return collected->files[i].data;
	return (struct slice){0};
}

/* The next file of a tree. 1, 0 at the end, -1 if it is none. */
static int next_file(struct slice *tree, struct slice *ret_name, struct slice *ret_data)
{
	uint32_t lengths[2];

	if (tree->len == 0)
		return 0;
	if (tree->len < sizeof(lengths))
		return -1;
	memcpy(lengths, tree->data, sizeof(lengths));
	size_t left = tree->len - sizeof(lengths);
	if (lengths[0] > left || lengths[1] > left - lengths[0])
		return -1;
	*ret_name = (struct slice){tree->data + sizeof(lengths), lengths[0]};
	*ret_data = (struct slice){ret_name->data + lengths[0], lengths[1]};
	*tree = (struct slice){ret_data->data + lengths[1], left - lengths[0] - lengths[1]};
	return 1;
}

/* How many files; -1: it is none. */
static int check_tree(struct slice tree)
{
	struct slice name, data;
	int more, count = 0;

	while ((more = next_file(&tree, &name, &data)) > 0)
		if (++count > PACKAGES_FILES_MAX || file_name_check(name, "", NULL) < 0)
			return -1;
	return more < 0 ? -1 : count;
}

static int fail(struct packages_answer *answer, struct err *err, const char *words)
{
	json_free(answer->doc);
	answer->doc = NULL;
	return err_set(err, ERR_INVALID_FIELD, "%s", words);
}

int packages_read_answer(struct packages_answer *ret_answer, const struct job_result *result,
			 struct err *err)
{
	struct packages_answer answer = {.tree = find_left(result, PACKAGES_TREE)};
	struct slice text = find_left(result, PACKAGES_ANSWER);
	char words[sizeof(err->text)];

	if (result->status != RUN_STATUS_OK || !text.len || json_parse(&answer.doc, text, NULL) < 0)
		return fail(&answer, err,
			    "The packages could not be put together within the limits of a run.");
	struct slice why = json_text(json_at(json_root(answer.doc), "/error"));
	if (why.len) {
		snprintf(words, sizeof(words), "%.*s", (int)MIN_OF(why.len, sizeof(words) - 1),
			 why.data);
		return fail(&answer, err, words);
	}
	answer.need = json_at(json_root(answer.doc), "/need");
	if (!answer.need && (check_tree(answer.tree) < 0 || answer.tree.len > PACKAGES_TREE_BYTES))
		return fail(&answer, err, "The packages are too large.");
	*ret_answer = answer;
	return 0;
}

static bool is_line(struct slice text, size_t most)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] < ' ' || (unsigned char)text.data[i] > '~')
			return false;
	return text.len > 0 && text.len <= most;
}

bool packages_read_need(struct yyjson_val *row, struct slice *ret_url, struct slice *ret_accept)
{
	*ret_url = json_text(json_at(row, "/0"));
	*ret_accept = json_text(json_at(row, "/1"));
	return is_line(*ret_url, URL_MAX) && is_line(*ret_accept, ACCEPT_MAX);
}

/* --- runs that have them --- */

static int add_variable(struct job_spec *spec, struct arena *arena, const char *variable)
{
	struct slice *env = arena_array(arena, struct slice, spec->env_count + 1);

	if (!env)
		return -ERR_NO_MEMORY;
	if (spec->env_count)
		memcpy(env, spec->env, spec->env_count * sizeof(*env));
	env[spec->env_count++] = slice_from(variable);
	spec->env = env;
	return 0;
}

static int attach(struct job_spec *spec, struct arena *arena, enum package_kind kind,
		  struct slice tree, int count)
{
	struct job_file *files =
	    arena_array(arena, struct job_file, spec->file_count + (size_t)count);
	struct slice rest = {arena_copy(arena, tree.data, tree.len), tree.len}, name, data;
	const char *directory = packages_directory(kind);

	if (!files || !rest.data)
		return -ERR_NO_MEMORY;
	memcpy(files, spec->files, spec->file_count * sizeof(*files));
	spec->files = files;
	while (next_file(&rest, &name, &data) > 0) {
		char *path = arena_printf(arena, "%s%s%.*s", directory, *directory ? "/" : "",
					  (int)name.len, name.data);
		if (!path)
			return -ERR_NO_MEMORY;
		files[spec->file_count++] =
		    (struct job_file){.name = slice_from(path), .data = data};
	}
	return kinds[kind].variable ? add_variable(spec, arena, kinds[kind].variable) : 0;
}

int packages_attach(struct job_spec *spec, struct arena *arena, enum package_kind kind,
		    struct slice tree, struct err *err)
{
	int count = check_tree(tree);

	if (count < 0)
		return err_set(err, ERR_STORE, "%s", err_default_text(ERR_STORE));
	if (count && attach(spec, arena, kind, tree, count) < 0)
		return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	return 0;
}
