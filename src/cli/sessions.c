/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions of a server and their snapshots: which there are, making, forking and ending them. */
#include "cli/sessions.h"

#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "cli/table.h"

#define ID_SYMBOLS     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
#define SNAPSHOT_BEGIN "snp_"
#define PATH_BYTES     16384
#define REQUEST_BYTES  (64 * KIB)

/* --- calls --- */

static bool is_snapshot(const char *id)
{
	return strncmp(id, SNAPSHOT_BEGIN, strlen(SNAPSHOT_BEGIN)) == 0;
}

static bool is_id(const char *text)
{
	return text[0] && strlen(text) <= 64 && strspn(text, ID_SYMBOLS) == strlen(text);
}

void sessions_add(struct sessions_call *call, const char *text)
{
	if (call->rc == 0 && (call->rc = buf_append_text(&call->path, text)) < 0)
		err_set(&call->err, ERR_BAD_REQUEST, "The path is too long.");
}

/* RFC 3986, 2.3; a slash is one. */
void sessions_add_encoded(struct sessions_call *call, const char *text)
{
	static const char plain[] = ID_SYMBOLS "-._~/";
	char escape[4];

	for (; *text; text++) {
		snprintf(escape, sizeof(escape), strchr(plain, *text) ? "%c" : "%%%02X", (unsigned char)*text);
		sessions_add(call, escape);
	}
}

/* The path of all of a kind. */
static void begin_all(struct sessions_call *call, const struct sessions_options *options, bool snapshots)
{
	*call = (struct sessions_call){0};
	buf_init(&call->path, PATH_BYTES);
	call->rc = client_open_server(&call->client, &options->client, &call->err);
	sessions_add(call, snapshots ? "/native/v1/snapshots" : "/native/v1/sessions");
}

void sessions_begin(struct sessions_call *call, const struct sessions_options *options, const char *id)
{
	begin_all(call, options, is_snapshot(id));
	if (call->rc == 0 && !is_id(id))
		call->rc = err_set(&call->err, ERR_BAD_REQUEST, "'%.70s' is not the id of a session.", id);
	sessions_add(call, "/");
	sessions_add(call, id);
}

void sessions_send(struct sessions_call *call, struct client_request request)
{
	if (call->rc < 0)
		return;
	request.path = buf_c_str(&call->path);
	if (!request.path)
		call->rc = err_set(&call->err, ERR_NO_MEMORY, "Out of memory.");
	else
		call->rc = client_send(call->client, &request, &call->reply, &call->err);
}

int sessions_end(struct sessions_call *call)
{
	int code = call->rc < 0 ? cli_fail_err(&call->err) : 0;

	buf_finish(&call->reply.body);
	buf_finish(&call->path);
	client_close(call->client);
	return code;
}

void sessions_show(struct sessions_call *call, bool json, void (*fn)(yyjson_val *root))
{
	struct slice body = buf_slice(&call->reply.body);
	struct yyjson_doc *doc = NULL;

	if (call->rc < 0)
		return;
	if (json) {
		fwrite(body.data, 1, body.len, stdout);
		putchar('\n');
	} else if ((call->rc = json_parse(&doc, body, &call->err)) == 0) {
		fn(json_root(doc));
		json_free(doc);
	}
}

static void show_id(yyjson_val *root)
{
	const char *id = json_member_text(root, "id");

	printf("%s\n", id ? id : "");
}

/* --- list, snapshots --- */

static void print_list(yyjson_val *root, const char *kind, const char *when)
{
	yyjson_val *row;
	yyjson_arr_iter rows = yyjson_arr_iter_with(yyjson_obj_get(root, kind));
	const char *next = json_member_text(root, "next");
	_table_ struct table table;

	table_init(&table, 6);
	table_row(&table, "ID", "LANGUAGE", "FILES", "BYTES", "CREATED", strcmp(when, "expires_at") == 0 ? "EXPIRES" : "SESSION");
	while ((row = yyjson_arr_iter_next(&rows))) {
		char files[24], bytes[24];
		snprintf(files, sizeof(files), "%llu", (unsigned long long)yyjson_get_uint(yyjson_obj_get(row, "files")));
		snprintf(bytes, sizeof(bytes), "%llu", (unsigned long long)yyjson_get_uint(yyjson_obj_get(row, "used_bytes")));
		table_row(&table, json_member_text(row, "id"), json_member_text(row, "language"), files, bytes, json_member_text(row, "created_at"),
			  json_member_text(row, when));
	}
	table_print(&table, stdout);
	if (next)
		fprintf(stderr, "there are more: --after %.70s\n", next);
}

static void print_sessions(yyjson_val *root)
{
	print_list(root, "sessions", "expires_at");
}

static void print_snapshots(yyjson_val *root)
{
	print_list(root, "snapshots", "session_id");
}

static int run_list_of(const struct sessions_options *options, bool snapshots)
{
	struct sessions_call call;

	begin_all(&call, options, snapshots);
	if (options->after) {
		sessions_add(&call, "?after=");
		sessions_add_encoded(&call, options->after);
	}
	sessions_send(&call, (struct client_request){.method = "GET", .body_fd = -1, .label = "waiting"});
	sessions_show(&call, options->json, snapshots ? print_snapshots : print_sessions);
	return sessions_end(&call);
}

static int run_list(void *opts, int argc _unused_, char **argv _unused_)
{
	return run_list_of(opts, false);
}

static int run_snapshots(void *opts, int argc _unused_, char **argv _unused_)
{
	return run_list_of(opts, true);
}

/* --- show --- */

/* A value as text: strings as they are, the rest as JSON. */
static void print_session(yyjson_val *root)
{
	yyjson_obj_iter members = yyjson_obj_iter_with(root);
	yyjson_val *key;
	_table_ struct table table;

	table_init(&table, 2);
	while ((key = yyjson_obj_iter_next(&members))) {
		yyjson_val *value = yyjson_obj_iter_get_val(key);
		_free_ char *json = yyjson_is_str(value) ? NULL : yyjson_val_write(value, 0, NULL);
		table_row(&table, yyjson_get_str(key), json ? json : yyjson_get_str(value));
	}
	table_print(&table, stdout);
}

static int run_show(void *opts, int argc _unused_, char **argv)
{
	const struct sessions_options *options = opts;
	struct sessions_call call;

	sessions_begin(&call, options, argv[0]);
	sessions_send(&call, (struct client_request){.method = "GET", .body_fd = -1, .label = "waiting"});
	sessions_show(&call, options->json, print_session);
	return sessions_end(&call);
}

/* --- create, fork --- */

static int put_env(struct json_writer *w, const struct text_list *env, struct err *err)
{
	char name[256];

	json_object_open(w, "env");
	for (size_t i = 0; i < env->count; i++) {
		const char *equals = strchr(env->items[i], '=');
		size_t len = equals ? (size_t)(equals - env->items[i]) : 0;
		if (!len || len >= sizeof(name) || !json_utf8_valid(slice_from(env->items[i])))
			return err_set(err, ERR_BAD_REQUEST, "--env takes NAME=VALUE in UTF-8, not '%.60s'.", env->items[i]);
		memcpy(name, env->items[i], len);
		name[len] = '\0';
		json_put_text(w, name, equals + 1);
	}
	json_object_close(w);
	return 0;
}

static void put_limits(struct json_writer *w, const struct sessions_options *options)
{
	const struct {
		const char *name;
		const struct number *number;
	} rows[] = {
	    {"disk_bytes", &options->disk_bytes},
	    {"memory_bytes", &options->memory_bytes},
	    {"wall_time_ms", &options->wall_time_ms},
	};
	bool any = false;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!rows[i].number->given)
			continue;
		if (!any)
			json_object_open(w, "limits");
		json_put_u64(w, rows[i].name, rows[i].number->value);
		any = true;
	}
	if (any)
		json_object_close(w);
}

static int make_request(struct buf *out, const struct sessions_options *options, const char *from, struct err *err)
{
	const struct {
		const char *name, *text;
	} texts[] = {{"id", options->id}, {"language", options->language}, {"from", from}};
	struct json_writer w;
	int rc = 0;

	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		if (texts[i].text && !json_utf8_valid(slice_from(texts[i].text)))
			return err_set(err, ERR_BAD_REQUEST, "'%s' must be UTF-8.", texts[i].name);
		if (texts[i].text)
			json_put_text(&w, texts[i].name, texts[i].text);
	}
	if (options->ttl_ms.given)
		json_put_u64(&w, "ttl_ms", options->ttl_ms.value);
	if (options->stateful)
		json_put_bool(&w, "stateful", true);
	if (options->background)
		json_put_bool(&w, "background", true);
	put_limits(&w, options);
	if (options->env.count)
		rc = put_env(&w, &options->env, err);
	json_object_close(&w);
	json_writer_finish(&w);
	return rc < 0 || out->len ? rc : err_set(err, ERR_NO_MEMORY, "Out of memory.");
}

static int create(const struct sessions_options *options, const char *from)
{
	struct sessions_call call;
	_buf_finish_ struct buf request;

	buf_init(&request, REQUEST_BYTES);
	begin_all(&call, options, false);
	if (call.rc == 0)
		call.rc = make_request(&request, options, from, &call.err);
	sessions_send(&call, (struct client_request){.method = "POST", .body = buf_slice(&request), .body_fd = -1, .label = "waiting"});
	sessions_show(&call, options->json, show_id);
	return sessions_end(&call);
}

static int run_create(void *opts, int argc _unused_, char **argv _unused_)
{
	const struct sessions_options *options = opts;

	return create(options, options->from);
}

static void ask_snapshot(struct sessions_call *call, const struct sessions_options *options, const char *id)
{
	sessions_begin(call, options, id);
	if (call->rc == 0 && is_snapshot(id))
		call->rc = err_set(&call->err, ERR_BAD_REQUEST, "'%.70s' is a snapshot already.", id);
	sessions_add(call, "/snapshot");
	sessions_send(call, (struct client_request){.method = "POST", .body = SLICE_LITERAL("{}"), .body_fd = -1, .label = "waiting"});
}

static int run_snapshot(void *opts, int argc _unused_, char **argv)
{
	const struct sessions_options *options = opts;
	struct sessions_call call;

	ask_snapshot(&call, options, argv[0]);
	sessions_show(&call, options->json, show_id);
	return sessions_end(&call);
}

static int delete_one(const struct sessions_options *options, const char *id)
{
	struct sessions_call call;

	sessions_begin(&call, options, id);
	sessions_send(&call, (struct client_request){.method = "DELETE", .body_fd = -1, .label = "waiting"});
	return sessions_end(&call);
}

/* A session's by a snapshot, which nobody needs afterwards. */
static int run_fork(void *opts, int argc _unused_, char **argv)
{
	const struct sessions_options *options = opts;
	struct yyjson_doc *doc = NULL;
	struct sessions_call call;
	char id[80] = "";

	if (is_snapshot(argv[0]))
		return create(options, argv[0]);
	ask_snapshot(&call, options, argv[0]);
	if (call.rc == 0 && (call.rc = json_parse(&doc, buf_slice(&call.reply.body), &call.err)) == 0) {
		const char *found = json_member_text(json_root(doc), "id");
		snprintf(id, sizeof(id), "%s", found ? found : "");
		json_free(doc);
	}
	int code = sessions_end(&call);
	if (code != 0)
		return code;
	code = create(options, id);
	int deleted = delete_one(options, id);
	return code ? code : deleted;
}

/* --- delete, interrupt, restart --- */

static int run_delete(void *opts, int argc, char **argv)
{
	int code = 0;

	for (int i = 0; i < argc; i++) {
		int one = delete_one(opts, argv[i]);
		code = code ? code : one;
	}
	return code;
}

static int tell(const struct sessions_options *options, const char *id, const char *what)
{
	struct sessions_call call;

	sessions_begin(&call, options, id);
	sessions_add(&call, what);
	sessions_send(&call, (struct client_request){.method = "POST", .body = SLICE_LITERAL("{}"), .body_fd = -1, .label = "waiting"});
	return sessions_end(&call);
}

static int run_interrupt(void *opts, int argc _unused_, char **argv)
{
	return tell(opts, argv[0], "/interrupt");
}

static int run_restart(void *opts, int argc _unused_, char **argv)
{
	return tell(opts, argv[0], "/restart");
}

/* --- the table --- */

/* clang-format off */
static const struct cli_option list_options[] = {
	SESSIONS_ROW("after", '\0', TEXT, "ID", after, NONE, "go on behind this one"),
	SESSIONS_JSON_ROW,
	SERVER_ROWS(struct sessions_options),
};

static const struct cli_option plain_options[] = {
	SERVER_ROWS(struct sessions_options),
};

static const struct cli_option json_options[] = {
	SESSIONS_JSON_ROW,
	SERVER_ROWS(struct sessions_options),
};

#define MAKING_ROWS \
	SESSIONS_ROW("id",  '\0', TEXT, "ID",   id,     NONE, "a name of your own: letters, digits, _ and -"), \
	SESSIONS_ROW("ttl", '\0', TIME, NULL,   ttl_ms, NONE, "how long it lives without being used"), \
	SESSIONS_ROW("env", 'e',  LIST, "NAME=VALUE", env, NONE, "an environment variable of its runs; may be given again")

static const struct cli_option create_options[] = {
	MAKING_ROWS,
	SESSIONS_ROW("from",       '\0', TEXT, "SNAPSHOT", from, NONE, "with files and variables of a snapshot"),
	SESSIONS_ROW("language",   '\0', TEXT, "NAME", language, NONE, "a note for those who list sessions"),
	SESSIONS_ROW("stateful",   '\0', FLAG, NULL, stateful, NONE, "its interpreter stays between runs"),
	SESSIONS_ROW("background", '\0', FLAG, NULL, background, NONE, "processes of its runs live on"),
	SESSIONS_ROW("disk",       '\0', SIZE, NULL, disk_bytes, NONE, "all its files together"),
	SESSIONS_ROW("memory",     'm',  SIZE, NULL, memory_bytes, NONE, "memory of each run"),
	SESSIONS_ROW("timeout",    't',  TIME, NULL, wall_time_ms, NONE, "wall time of each run"),
	SESSIONS_JSON_ROW,
	SERVER_ROWS(struct sessions_options),
};

static const struct cli_option fork_options[] = {
	MAKING_ROWS,
	SESSIONS_JSON_ROW,
	SERVER_ROWS(struct sessions_options),
};

static SESSIONS_VERB(list,      "",      0, 0, list_options,   "List the sessions of your key", "100 at a time.");
static SESSIONS_VERB(create,    "",      0, 0, create_options, "Make a session and print its id", NULL);
static SESSIONS_VERB(show,      "ID",    1, 1, json_options,   "Show what is known of a session or a snapshot", NULL);
static SESSIONS_VERB(delete,    "ID...", 1, -1, plain_options, "End sessions, or delete snapshots", NULL);
static SESSIONS_VERB(snapshot,  "ID",    1, 1, json_options,   "Keep a session's files and variables as they are, and print the snapshot's id", NULL);
static SESSIONS_VERB(snapshots, "",      0, 0, list_options,   "List the snapshots of your key", "100 at a time.");
static SESSIONS_VERB(fork,      "ID",    1, 1, fork_options,   "Make a session with the files and variables of another, or of a snapshot, and print its id", NULL);
static SESSIONS_VERB(interrupt, "ID",    1, 1, plain_options,  "Interrupt what the interpreter of a session is doing", NULL);
static SESSIONS_VERB(restart,   "ID",    1, 1, plain_options,  "Let the interpreter of a session forget what it knows", NULL);
/* clang-format on */

static const struct verb *const session_verbs[] = {
    &verb_sessions_list,      &verb_sessions_create, &verb_sessions_show,      &verb_sessions_delete,
    &verb_sessions_files,     &verb_sessions_get,    &verb_sessions_put,       &verb_sessions_remove,
    &verb_sessions_snapshot,  &verb_sessions_snapshots, &verb_sessions_fork,   &verb_sessions_interrupt,
    &verb_sessions_restart,   NULL,
};

const struct verb verb_sessions = {
    .name = "sessions",
    .operands = "",
    .summary = "Sessions of a server: their files, snapshots and ends",
    .verbs = session_verbs,
};
