/* SPDX-License-Identifier: Apache-2.0 */
/* From the bytes of a body to a JSON value and the dialect that it is in. */
#include <string.h>
#include <strings.h>

#include "door/reply.h"
#include "json/json.h"

static bool media_type_is_json(const struct http_request *request)
{
	static const struct slice json = SLICE_LITERAL("application/json");
	struct slice type = http_request_header(request, "Content-Type");

	return type.len == 0 || (type.len >= json.len && strncasecmp(type.data, json.data, json.len) == 0 &&
				 (type.len == json.len || strchr("; \t", type.data[json.len])));
}

/* Copied once into the arena and parsed there in place: every string of a job is a slice of that copy. */
static int parse(struct slice body, struct arena *arena, struct yyjson_doc **ret_doc, struct err *err)
{
	char *text = arena_alloc(arena, body.len + JSON_PADDING_BYTES);

	if (!text)
		return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	if (body.len)
		memcpy(text, body.data, body.len);
	return json_parse_in_place(ret_doc, text, body.len, err);
}

int exchange_parse(struct exchange *exchange, struct yyjson_doc **ret_doc, struct err *err)
{
	struct http_request *request = exchange->request;
	struct slice body = request->body;

	if (!exchange->dialect->any_media_type && !media_type_is_json(request))
		return err_set(err, ERR_UNSUPPORTED_MEDIA, "%s", err_default_text(ERR_UNSUPPORTED_MEDIA));
	if (body.len == 0 && exchange->dialect->empty_is_object)
		body = SLICE_LITERAL("{}");
	int rc = parse(body, request->arena, ret_doc, err);
	if (rc < 0)
		return rc;
	exchange->api.body = json_root(*ret_doc);
	exchange->dialect = dialects[dialect_of_request(&exchange->api, exchange->formats)];
	return 0;
}
