/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/exec.h"
#include "json/json.h"

/*
 * Text where JSON can carry it; U+0000 is left to base64 too, since many parsers stumble over
 * it.
 */
static bool is_text(struct slice data)
{
	return !slice_has_nul(data) && json_utf8_valid(data);
}

static void put_data(struct json_writer *w, const char *key, struct slice data)
{
	if (is_text(data)) {
		json_put_bytes(w, key, data);
		return;
	}
	json_put_base64(w, key, data);
	json_put_text(w, "encoding", "base64");
}

static void put_files(struct json_writer *w, const struct source *source)
{
	json_array_open(w, "files");
	for (size_t i = 0; i < source->count; i++) {
		json_object_open(w, NULL);
		json_put_text(w, "name", source->files[i].name);
		put_data(w, "content", buf_slice(&source->files[i].data));
		json_object_close(w);
	}
	json_array_close(w);
	if (source->entry)
		json_put_text(w, "entrypoint", source->entry);
}

static int put_source(struct json_writer *w, const struct source *source, struct err *err)
{
	struct slice data =
	    source->count ? buf_slice(&source->files[0].data) : (struct slice){NULL, 0};

	if (source->count != 1 || source->files[0].name) {
		put_files(w, source);
		return 0;
	}
	if (!is_text(data))
		return err_set(
		    err, ERR_BAD_REQUEST,
		    "The source is not UTF-8 text; give it as a file with a suffix in its name.");
	json_put_bytes(w, "code", data);
	return 0;
}

/* Those of options, then those of the command line. */
static void put_texts(struct json_writer *w, const char *key, const struct text_list *list,
		      char *const *more, size_t count)
{
	if (list->count + count == 0)
		return;
	json_array_open(w, key);
	for (size_t i = 0; i < list->count; i++)
		json_put_text(w, NULL, list->items[i]);
	for (size_t i = 0; i < count; i++)
		json_put_text(w, NULL, more[i]);
	json_array_close(w);
}

static int put_env(struct json_writer *w, const struct text_list *list, struct err *err)
{
	char name[256];

	if (list->count == 0)
		return 0;
	json_object_open(w, "env");
	for (size_t i = 0; i < list->count; i++) {
		const char *item = list->items[i], *equals = strchr(item, '=');
		size_t len = equals ? (size_t)(equals - item) : 0;
		if (!len || len >= sizeof(name))
			return err_set(err, ERR_BAD_REQUEST, "--env takes NAME=VALUE, not '%.60s'.",
				       item);
		memcpy(name, item, len);
		name[len] = '\0';
		json_put_text(w, name, equals + 1);
	}
	json_object_close(w);
	return 0;
}

static void put_limits(struct json_writer *w, const struct exec_options *options)
{
	bool any = false;

#define X(field, option, letter, kind, doc) any = any || options->field.given;
#include "cli/exec_limits.def"
#undef X
	if (!any)
		return;
	json_object_open(w, "limits");
#define X(field, option, letter, kind, doc)                                                        \
	if (options->field.given)                                                                  \
		json_put_u64(w, #field, options->field.value);
#include "cli/exec_limits.def"
#undef X
	json_object_close(w);
}

static bool all_utf8(const struct text_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (!json_utf8_valid(slice_from(list->items[i])))
			return false;
	return true;
}

/* Arguments and variables have no base64 form, and half of one would be worse than none. */
static int check_texts(const struct exec_options *options, char *const *args, size_t count,
		       struct err *err)
{
	bool valid =
	    all_utf8(&options->args) && all_utf8(&options->flags) && all_utf8(&options->env) &&
	    (!options->session || json_utf8_valid(slice_from(options->session)));

	for (size_t i = 0; i < count; i++)
		valid = valid && json_utf8_valid(slice_from(args[i]));
	return valid
		   ? 0
		   : err_set(err, ERR_BAD_REQUEST,
			     "Arguments and variables must be UTF-8; pass other bytes in a file.");
}

int exec_put_program(struct json_writer *w, const struct exec_options *options, const char *runtime,
		     const struct source *source, char *const *args, size_t arg_count,
		     struct err *err)
{
	int rc = check_texts(options, args, arg_count, err);

	if (rc < 0)
		return rc;
	json_put_text(w, "language", runtime);
	if (options->version)
		json_put_text(w, "version", options->version);
	if (options->engine)
		json_put_text(w, "engine", options->engine);
	rc = put_source(w, source, err);
	if (rc == 0)
		rc = put_env(w, &options->env, err);
	if (rc < 0)
		return rc;
	put_texts(w, "args", &options->args, args, arg_count);
	put_texts(w, "flags", &options->flags, NULL, 0);
	put_limits(w, options);
	return 0;
}

void exec_put_content(struct json_writer *w, const char *key, struct slice data)
{
	json_object_open(w, key);
	put_data(w, "content", data);
	json_object_close(w);
}

int exec_request(struct buf *out, const struct exec_options *options, const char *runtime,
		 const struct source *source, struct slice stdin_data, char *const *args,
		 size_t arg_count, struct err *err)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	int rc = exec_put_program(&w, options, runtime, source, args, arg_count, err);
	if (rc < 0)
		return rc;
	if (options->session)
		json_put_text(&w, "session_id", options->session);
	if (options->async)
		json_put_bool(&w, "async", true);
	if (!options->json)
		json_put_text(&w, "output_encoding", "base64");
	if (stdin_data.len)
		exec_put_content(&w, "stdin", stdin_data);
	json_object_close(&w);
	return w.rc < 0 ? err_set(err, (enum err_code) - w.rc, "%s", err_default_text(w.rc)) : 0;
}
