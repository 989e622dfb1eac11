/* SPDX-License-Identifier: Apache-2.0 */
#include "api/webhook.h"

#include <stdio.h>
#include <string.h>

#define RESULT_BYTES_MAX (512 * KIB)

size_t webhook_key(unsigned char out[static WEBHOOK_KEY_BYTES_MAX], struct slice secret)
{
	const size_t prefix = strlen(WEBHOOK_SECRET_PREFIX);
	struct slice key = secret;
	struct arena *arena = NULL;

	if (secret.len >= prefix && memcmp(secret.data, WEBHOOK_SECRET_PREFIX, prefix) == 0) {
		arena = arena_create(4 * KIB);
		key = (struct slice){0};
		json_base64_decode(arena, (struct slice){secret.data + prefix, secret.len - prefix},
				   "secret", &key, NULL);
	}
	size_t len = key.len <= WEBHOOK_KEY_BYTES_MAX ? key.len : 0;
	if (len)
		memcpy(out, key.data, len);
	arena_destroy(arena);
	return len;
}

void webhook_write_order(struct buf *out, const struct job_after *after)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	json_put_bytes(&w, "url", after->webhook_url);
	if (after->webhook_secret.data)
		json_put_bytes(&w, "secret", after->webhook_secret);
	json_put_u64(&w, "events", after->webhook_events);
	json_object_close(&w);
	json_writer_finish(&w);
}

int webhook_read_order(struct slice text, struct webhook_order *ret_order,
		       struct yyjson_doc **ret_doc)
{
	struct yyjson_doc *doc = NULL;
	int64_t events = 0;

	if (json_parse(&doc, text, NULL) < 0)
		return -ERR_STORE;
	json_whole_part(json_at(json_root(doc), "/events"), &events);
	*ret_order = (struct webhook_order){
	    .url = json_text(json_at(json_root(doc), "/url")),
	    .secret = json_text(json_at(json_root(doc), "/secret")),
	    .events = (unsigned)events,
	};
	*ret_doc = doc;
	return ret_order->url.data ? 0 : -ERR_STORE;
}

enum execution_state webhook_write_body(struct buf *out, struct slice head, struct slice result)
{
	struct yyjson_doc *doc = NULL;
	struct json_writer w;
	char type[40];

	if (json_parse(&doc, head, NULL) < 0)
		return EXECUTION_STATES;
	enum execution_state state =
	    execution_state_of(json_text(json_at(json_root(doc), "/state")));
	snprintf(type, sizeof(type), "execution.%s",
		 state < EXECUTION_STATES ? execution_states[state] : "");
	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	json_put_text(&w, "type", type);
	json_put_value(&w, "timestamp", json_at(json_root(doc), "/finished_at"));
	json_object_open(&w, "data");
	execution_put(&w, json_root(doc), NULL);
	if (result.len > RESULT_BYTES_MAX)
		json_put_bool(&w, "result_omitted", true);
	else if (result.len)
		json_put_json(&w, "result", result);
	json_object_close(&w);
	json_object_close(&w);
	json_writer_finish(&w);
	json_free(doc);
	return out->len ? state : EXECUTION_STATES;
}
