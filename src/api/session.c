/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "api/session.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/hex.h"

#define NAME_PREFIX "ses_"
#define OWN_PREFIX  "sn_"  /* of the ids of documents whose sessions were named by callers */

/* --- names --- */

bool session_name_is_good(struct slice name)
{
	if (name.len == 0 || name.len >= SESSION_ID_BYTES)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i], lower = (char)(c | 0x20);
		if (!(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9') && c != '_' && c != '-')
			return false;
	}
	return true;
}

bool session_name_is_ours(struct slice name)
{
	size_t len = strlen(NAME_PREFIX);

	return name.len >= len && memcmp(name.data, NAME_PREFIX, len) == 0;
}

/* Of a caller's name a hash, of which 112 bits are enough to be nobody else's. */
void session_document_id(char out[static ID_BYTES], struct slice name)
{
	uint8_t hash[EVP_MAX_MD_SIZE] = {0};

	memset(out, 0, ID_BYTES);
	if (session_name_is_ours(name) && name.len < ID_BYTES) {
		memcpy(out, name.data, name.len);
		return;
	}
	EVP_Digest(name.data, name.len, hash, NULL, EVP_sha256(), NULL);
	size_t at = (size_t)snprintf(out, ID_BYTES, OWN_PREFIX);
	hex_write(out + at, hash, (ID_BYTES - at - 1) / 2);
}

int draft_read_stateful(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	return json_get_bool(value, path, &((struct draft *)ctx)->spec.session.stateful, err);
}

int draft_read_background(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	return json_get_bool(value, path, &((struct draft *)ctx)->spec.session.background, err);
}

int draft_read_session(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct slice *id = &((struct draft *)ctx)->spec.session.id;
	int rc = json_get_text(value, path, id, err);

	if (rc < 0 || session_name_is_good(*id))
		return rc;
	return err_field(err, ERR_INVALID_FIELD, path, "'%s' must be 1 to 64 of letters, digits, '_' and '-'.", path);
}

/* --- the head of a document --- */

static const struct limit_member {
	const char *name;
	size_t at;
} members[] = {
#define X(name, of_key, of_runtime) {#name, offsetof(struct job_limits, name)},
#include "api/limit.def"
#undef X
};

static uint64_t *limit_at(struct job_limits *limits, size_t at)
{
	return (uint64_t *)((char *)limits + at);
}

static void put_limits(struct json_writer *w, const struct job_limits *limits)
{
	json_object_open(w, "limits");
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		uint64_t number = *(const uint64_t *)((const char *)limits + members[i].at);
		if (number)
			json_put_u64(w, members[i].name, number);
	}
	json_object_close(w);
}

struct slice session_env_names(const struct slice *env, size_t count, struct arena *arena)
{
	struct json_writer w;
	_buf_finish_ struct buf out;

	buf_init(&out, MIB);
	json_writer_init(&w, &out);
	json_array_open(&w, NULL);
	for (size_t i = 0; i < count; i++) {
		const char *end = memchr(env[i].data, '=', env[i].len);
		json_put_bytes(&w, NULL, (struct slice){env[i].data, end ? (size_t)(end - env[i].data) : env[i].len});
	}
	json_array_close(&w);
	json_writer_finish(&w);
	char *text = out.len ? arena_copy(arena, out.data, out.len) : NULL;
	return (struct slice){text, text ? out.len : 0};
}

int session_facts_write(struct buf *out, const struct session_facts *facts)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	json_put_text(&w, "name", facts->name);
	json_put_text(&w, "language", facts->language);
	json_put_u64(&w, "created_ms", facts->created_ms);
	json_put_u64(&w, "ttl_ms", facts->ttl_ms);
	json_put_u64(&w, "expires_ms", facts->expires_ms);
	json_put_u64(&w, "used_bytes", facts->used_bytes);
	json_put_u64(&w, "files", facts->files);
	json_put_bool(&w, "implicit", facts->implicit);
	json_put_bool(&w, "stateful", facts->stateful);
	json_put_bool(&w, "background", facts->background);
	json_put_bool(&w, "has_state", facts->has_state);
	put_limits(&w, &facts->limits);
	json_put_json(&w, "env", facts->env_names.len ? facts->env_names : SLICE_LITERAL("[]"));
	json_object_close(&w);
	json_writer_finish(&w);
	return out->len ? 0 : -ERR_NO_MEMORY;
}

static uint64_t number_of(struct yyjson_val *root, const char *pointer)
{
	uint64_t number = 0;

	return json_get_u64(json_at(root, pointer), "", 0, UINT64_MAX, &number, NULL) < 0 ? 0 : number;
}

static void copy_text(char *out, size_t cap, struct yyjson_val *value)
{
	struct slice text = json_text(value);

	snprintf(out, cap, "%.*s", (int)MIN_OF(text.len, cap - 1), text.data ? text.data : "");
}

/* As it was written, by json_put_json: the last member. */
static struct slice names_in(struct slice head)
{
	static const struct slice key = SLICE_LITERAL("\"env\":");
	const char *at = memmem(head.data, head.len, key.data, key.len);

	if (!at)
		return (struct slice){0};
	at += key.len;
	return (struct slice){at, (size_t)(head.data + head.len - at) - 1};
}

int session_facts_read(struct session_facts *ret_facts, struct slice head)
{
	struct yyjson_doc *doc = NULL;
	struct session_facts facts = {0};

	if (json_parse(&doc, head, NULL) < 0)
		return -ERR_STORE;
	struct yyjson_val *root = json_root(doc);
	copy_text(facts.name, sizeof(facts.name), json_at(root, "/name"));
	copy_text(facts.language, sizeof(facts.language), json_at(root, "/language"));
	facts.created_ms = number_of(root, "/created_ms");
	facts.ttl_ms = number_of(root, "/ttl_ms");
	facts.expires_ms = number_of(root, "/expires_ms");
	facts.used_bytes = number_of(root, "/used_bytes");
	facts.files = number_of(root, "/files");
	facts.implicit = !json_is_falsy(json_at(root, "/implicit"));
	facts.stateful = !json_is_falsy(json_at(root, "/stateful"));
	facts.background = !json_is_falsy(json_at(root, "/background"));
	facts.has_state = !json_is_falsy(json_at(root, "/has_state"));
	struct yyjson_val *limits = json_at(root, "/limits");
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		char pointer[JSON_PATH_BYTES];
		snprintf(pointer, sizeof(pointer), "/%s", members[i].name);
		*limit_at(&facts.limits, members[i].at) = number_of(limits, pointer);
	}
	facts.env_names = names_in(head);
	json_free(doc);
	*ret_facts = facts;
	return 0;
}

/* --- requests --- */

static int read_id(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct session_request *request = ctx;
	int rc = draft_read_session(value, path, &request->draft, err);

	request->id = request->draft.spec.session.id;
	if (rc == 0 && session_name_is_ours(request->id))
		return err_field(err, ERR_INVALID_FIELD, path, "'%s' must not begin with '" NAME_PREFIX "'.", path);
	return rc;
}

static int read_language(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct session_request *request = ctx;
	int rc = draft_read_language(value, path, &request->draft, err);

	if (rc == 0)
		snprintf(request->facts.language, sizeof(request->facts.language), "%s",
			 request->draft.spec.runtime->id);
	return rc;
}

static int read_stateful(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	return json_get_bool(value, path, &((struct session_request *)ctx)->facts.stateful, err);
}

static int read_background(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	return json_get_bool(value, path, &((struct session_request *)ctx)->facts.background, err);
}

static int read_ttl(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct session_request *request = ctx;

	request->has_ttl = true;
	return json_get_u64(value, path, 1000, request->draft.api->config->session_idle_ms_max, &request->facts.ttl_ms,
			    err);
}

static int read_limits(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct session_request *request = ctx;

	request->has_limits = true;
	return limit_read_all(value, path, request->draft.api, request->draft.spec.runtime, &request->facts.limits, err);
}

static int read_env(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct session_request *request = ctx;

	request->has_env = true;
	return draft_read_env(value, path, &request->draft, err);
}

static int read_files(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct session_request *request = ctx;
	int rc = draft_read_files(value, path, &request->draft, err);

	return rc < 0 ? rc : files_check(&request->draft.set, NULL, request->draft.arena, err);
}

static int read_from(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	return json_get_text(value, path, &((struct session_request *)ctx)->from, err);
}

static const struct json_field create_fields[] = {
    {"id", false, read_id},
    {"language", false, read_language},
    {"ttl_ms", false, read_ttl},
    {"limits", false, read_limits},
    {"env", false, read_env},
    {"files", false, read_files},
    {"from", false, read_from},
    {"stateful", false, read_stateful},
    {"background", false, read_background},
};

static const struct json_field change_fields[] = {
    {"ttl_ms", false, read_ttl},
    {"env", false, read_env},
};

static int decode(const struct api_context *api, struct yyjson_val *body, struct arena *arena,
		  const struct json_field *fields, size_t count, struct session_request *ret_request, struct err *err)
{
	*ret_request = (struct session_request){.draft = {.api = api, .arena = arena}};
	ret_request->facts.ttl_ms = api->config->session_idle_ms;
	int rc = json_object_read(body, "", fields, count, ret_request, err);
	if (rc < 0)
		return rc;
	ret_request->facts.env_names =
	    session_env_names(ret_request->draft.spec.env, ret_request->draft.spec.env_count, arena);
	return ret_request->facts.env_names.data ? 0 : draft_no_memory(err);
}

int session_decode(const struct api_context *api, struct yyjson_val *body, struct arena *arena,
		   struct session_request *ret_request, struct err *err)
{
	int rc = decode(api, body, arena, create_fields, ARRAY_LEN(create_fields), ret_request, err);

	if (rc == 0 && ret_request->facts.stateful && ret_request->facts.background)
		return err_field(err, ERR_INVALID_FIELD, "background", "A session is either stateful or has background processes.");
	return rc;
}

int session_decode_change(const struct api_context *api, struct yyjson_val *body, struct arena *arena,
			  struct session_request *ret_request, struct err *err)
{
	return decode(api, body, arena, change_fields, ARRAY_LEN(change_fields), ret_request, err);
}

/* --- answers --- */

static void put_facts(struct json_writer *w, const struct session_facts *facts)
{
	json_put_text(w, "language", facts->language[0] ? facts->language : NULL);
	json_put_time(w, "created_at", facts->created_ms);
	put_limits(w, &facts->limits);
	json_put_json(w, "env", facts->env_names.len ? facts->env_names : SLICE_LITERAL("[]"));
	json_put_u64(w, "files", facts->files);
	json_put_u64(w, "used_bytes", facts->used_bytes);
	json_put_bool(w, "stateful", facts->stateful);
	json_put_bool(w, "background", facts->background);
}

void session_put(struct json_writer *w, const char *key, const struct session_facts *facts)
{
	json_object_open(w, key);
	json_put_text(w, "id", facts->name);
	put_facts(w, facts);
	json_put_u64(w, "ttl_ms", facts->ttl_ms);
	json_put_time(w, "expires_at", facts->expires_ms);
	json_object_close(w);
}

void snapshot_put(struct json_writer *w, const char *key, const struct session_facts *facts, const char *id)
{
	json_object_open(w, key);
	json_put_text(w, "id", id);
	json_put_text(w, "session_id", facts->name);
	put_facts(w, facts);
	json_object_close(w);
}
