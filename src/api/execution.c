/* SPDX-License-Identifier: Apache-2.0 */
#include "api/execution.h"

#include "api/native.h"
#include "base/hex.h"

const char *const execution_states[EXECUTION_STATES] = {
#define X(name, wire) [EXECUTION_##name] = wire,
#include "api/execution.def"
#undef X
};

enum execution_state execution_state_of(struct slice name)
{
	unsigned state = 0;

	while (state < EXECUTION_STATES && !slice_equal(name, slice_from(execution_states[state])))
		state++;
	return (enum execution_state)state;
}

void execution_write_head(struct buf *out, const char *id, const struct job_spec *spec,
			  const uint8_t hash[static EXECUTION_HASH_BYTES], uint64_t created_ms)
{
	char text[HEX_BYTES(EXECUTION_HASH_BYTES)];
	struct json_writer w;

	hex_write(text, hash, EXECUTION_HASH_BYTES);
	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	json_put_text(&w, "id", id);
	json_put_text(&w, "language", spec->runtime->id);
	json_put_text(&w, "version", spec->version->version);
	json_put_text(&w, "sha256", text);
	json_put_time(&w, "created_at", created_ms);
	json_put_u64(&w, "retry", spec->after.retry);
	json_put_bool(&w, "webhook", spec->after.webhook_url.data != NULL);
	json_put_text(&w, "state", execution_states[EXECUTION_QUEUED]);
	json_object_close(&w);
	json_writer_finish(&w);
}

uint64_t execution_retry(struct slice head)
{
	struct yyjson_doc *doc = NULL;
	int64_t retry = 0;

	if (json_parse(&doc, head, NULL) == 0)
		json_whole_part(json_at(json_root(doc), "/retry"), &retry);
	json_free(doc);
	return retry > 0 ? (uint64_t)retry : 0;
}

bool execution_has_webhook(struct slice head)
{
	struct yyjson_doc *doc = NULL;
	bool there = json_parse(&doc, head, NULL) == 0 &&
		     !json_is_falsy(json_at(json_root(doc), "/webhook"));

	json_free(doc);
	return there;
}

static void put_now(struct json_writer *w, const struct execution_now *now)
{
	const struct job_result *result = now->result;

	json_put_text(w, "state", execution_states[now->state]);
	if (now->position)
		json_put_u64(w, "position", now->position);
	json_put_time(w, "started_at", now->started_ms);
	json_put_time(w, "finished_at", now->ended_ms);
	json_put_u64(w, "attempts", now->attempts);
	if (result)
		json_put_text(w, "status", run_status_name(result->status));
	if (result && result->run.has_exit_code)
		json_put_i64(w, "exit_code", result->run.exit_code);
	if (now->error)
		native_put_reason(w, now->error);
}

static void put_fields(struct json_writer *w, struct yyjson_val *head, const char *const *pointers)
{
	for (; *pointers; pointers++) {
		struct yyjson_val *value = json_at(head, *pointers);
		if (value)
			json_put_value(w, *pointers + 1, value);
	}
}

void execution_put(struct json_writer *w, struct yyjson_val *head, const struct execution_now *now)
{
	static const char *const facts[] = {"/id",	   "/language", "/version", "/sha256",
					    "/created_at", "/retry",	"/webhook", NULL};
	static const char *const news[] = {"/state",  "/started_at", "/finished_at", "/attempts",
					   "/status", "/exit_code",  "/error",	     NULL};

	put_fields(w, head, facts);
	if (now)
		put_now(w, now);
	else
		put_fields(w, head, news);
}

void execution_encode(struct buf *out, struct slice head, const struct execution_now *now,
		      const struct stage_result *run, enum output_encoding encoding,
		      struct slice result, struct slice delivery)
{
	struct yyjson_doc *doc = NULL;
	struct json_writer w;

	json_writer_init(&w, out);
	w.rc = json_parse(&doc, head, NULL);
	json_object_open(&w, NULL);
	execution_put(&w, json_root(doc), now);
	if (run) {
		native_put_output(&w, "stdout", &run->out, encoding);
		native_put_output(&w, "stderr", &run->err, encoding);
	}
	if (result.len)
		json_put_json(&w, "result", result);
	if (delivery.len)
		json_put_json(&w, "delivery", delivery);
	json_object_close(&w);
	json_writer_finish(&w);
	json_free(doc);
}

void execution_rewrite_head(struct buf *out, struct slice head, const struct execution_now *now)
{
	execution_encode(out, head, now, NULL, OUTPUT_TEXT, (struct slice){0}, (struct slice){0});
}
