/* SPDX-License-Identifier: Apache-2.0 */
/* What a request carries, decoded: its body as a JSON value and the dialect that it is in, names in its path. */
#include <string.h>
#include <strings.h>

#include "base/hex.h"
#include "door/reply.h"
#include "json/json.h"

static bool media_type_is_json(const struct http_request *request)
{
	static const struct slice json = SLICE_LITERAL("application/json");
	struct slice type = http_request_header(request, "Content-Type");

	return type.len == 0 || (type.len >= json.len && strncasecmp(type.data, json.data, json.len) == 0 &&
				 (type.len == json.len || strchr("; \t", type.data[json.len])));
}

/* Nothing unpacks bodies here: what says it is packed is refused as that, and not as JSON that is none. */
static bool is_packed(const struct http_request *request)
{
	static const struct slice none = SLICE_LITERAL("identity");
	struct slice coding = http_request_header(request, "Content-Encoding");

	return coding.len && !(coding.len == none.len && strncasecmp(coding.data, none.data, none.len) == 0);
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
	struct slice body = exchange->api.text = request->body;

	if (is_packed(request))
		return err_set(err, ERR_UNSUPPORTED_MEDIA, "Send the body as it is, without a Content-Encoding.");
	/* with a feed it is the media type of a part, which has been looked at */
	if (!exchange->feed && !exchange->dialect->any_media_type && !media_type_is_json(request))
		return err_set(err, ERR_UNSUPPORTED_MEDIA, "%s", err_default_text(ERR_UNSUPPORTED_MEDIA));
	if (body.len == 0 && exchange->dialect->empty_is_object)
		body = SLICE_LITERAL("{}");
	int rc = parse(body, exchange->memory, ret_doc, err);
	if (rc < 0)
		return rc;
	exchange->api.body = json_root(*ret_doc);
	exchange->dialect = dialects[dialect_of_request(&exchange->api, exchange->formats)];
	return 0;
}

struct api_context door_context(const struct door *door, const struct key *key)
{
	return (struct api_context){
	    .config = door->config,
	    .runtimes = door->runtimes,
	    .scan = &door->scan,
	    .key = key ? &key->facts.limits : NULL,
	    .sessions = !door->embedded && door->config->sessions_per_key_max,
	};
}

struct api_context exchange_context(const struct exchange *exchange)
{
	return door_context(exchange->door, exchange->key);
}

int exchange_decode(struct exchange *exchange, struct job_spec *ret_spec,
		    struct yyjson_doc **ret_doc, struct err *err)
{
	const struct api_context api = exchange_context(exchange);

	if (door_refuses(exchange->door, err) != ERR_OK)
		return -err->code;
	int rc = exchange_parse(exchange, ret_doc, err);
	if (rc == 0)
		rc = exchange->dialect->decode(&api, &exchange->api, exchange->memory, ret_spec,
					       err);
	exchange->body_refused = rc < 0;
	return rc;
}

/* RFC 3986, 2.1. What only looks like an escape stays as it is. space: what stands for one, as forms have it; '\0': nothing. */
static struct slice decode(const struct exchange *exchange, struct slice in, char space)
{
	char *text = arena_alloc(exchange->request->arena, in.len + 1);
	size_t len = 0;

	for (size_t i = 0; text && i < in.len; i++) {
		bool escape = in.data[i] == '%' && i + 2 < in.len &&
			      hex_digit(in.data[i + 1]) >= 0 && hex_digit(in.data[i + 2]) >= 0;
		text[len++] = escape ? (char)(hex_digit(in.data[i + 1]) << 4 |
					      hex_digit(in.data[i + 2]))
				     : in.data[i] == space ? ' ' : in.data[i];
		i += escape ? 2 : 0;
	}
	return (struct slice){text, len};
}

struct slice exchange_param(const struct exchange *exchange, unsigned at)
{
	return decode(exchange, exchange->api.params[at], '\0');
}

struct slice exchange_query(const struct exchange *exchange, const char *name)
{
	struct slice value = api_query_value(exchange->api.query, name);

	return value.data ? decode(exchange, value, '+') : value;
}
