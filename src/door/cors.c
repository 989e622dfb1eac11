/* SPDX-License-Identifier: Apache-2.0 */
#include "door/cors.h"

#include <string.h>

#define PREFLIGHT_MAX_AGE_S 7200 /* browsers remember no longer */

/* What a page may read beside the body. */
static const char exposed[] = "X-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, "
			      "X-RateLimit-Reset, Retry-After, Idempotency-Replayed";

/* The next of a list joined by commas, without surrounding spaces; false at its end. */
static bool next_origin(const char **list, struct slice *ret_origin)
{
	const char *at = *list + strspn(*list, " ,");
	size_t len = strcspn(at, " ,");

	*list = at + len;
	*ret_origin = (struct slice){at, len};
	return len > 0;
}

static bool allows_all(const struct config *config)
{
	return strcmp(config->cors_origins, "*") == 0;
}

/* The page's origin, if it may; byte for byte, as browsers write them in one way only (RFC
 * 6454, 6.2). */
static struct slice allowed_origin(const struct exchange *exchange)
{
	const struct config *config = exchange->door->config;
	struct slice origin = http_request_header(exchange->request, "Origin"), listed;
	const char *list = config->cors_origins;

	if (allows_all(config) && origin.len)
		return SLICE_LITERAL("*");
	while (origin.len && next_origin(&list, &listed))
		if (slice_equal(origin, listed))
			return origin;
	return (struct slice){0};
}

/*
 * Credentials, which browsers would send by themselves, are nothing to this API, whose keys scripts
 * set; pages that ask for them all the same may be listed, and are never meant by "*".
 */
static void add_origin(struct header_list *list, const struct exchange *exchange,
		       struct slice origin)
{
	header_add_slice(list, "Access-Control-Allow-Origin", origin);
	if (!allows_all(exchange->door->config))
		header_add(list, "Access-Control-Allow-Credentials", "true");
}

void cors_add(struct header_list *list, const struct exchange *exchange)
{
	const struct config *config = exchange->door->config;
	struct slice origin = allowed_origin(exchange);

	if (config->cors_origins[0] && !allows_all(config))
		header_add(list, "Vary",
			   "Origin"); /* also if it sent none: caches keep the answer */
	if (!origin.len)
		return;
	add_origin(list, exchange, origin);
	header_add(list, "Access-Control-Expose-Headers", exposed);
}

/* Whatever headers the page wants to send: what they may say is checked when they come. */
bool cors_preflight(struct exchange *exchange)
{
	struct http_request *request = exchange->request;
	struct header_list list = {.arena = request->arena};
	struct slice origin = allowed_origin(exchange);

	if (request->method != HTTP_OPTIONS || !exchange->allow || !origin.len ||
	    !http_request_header(request, "Access-Control-Request-Method").len)
		return false;
	struct slice wanted = http_request_header(request, "Access-Control-Request-Headers");
	add_origin(&list, exchange, origin);
	header_add(&list, "Access-Control-Allow-Methods", exchange->allow);
	header_add_slice(&list, "Access-Control-Allow-Headers", wanted);
	header_add_number(&list, "Access-Control-Max-Age", PREFLIGHT_MAX_AGE_S);
	header_add(&list, "Vary", "Origin, Access-Control-Request-Headers");
	header_add(&list, "X-Request-Id", exchange->id);
	http_reply(request, &(struct http_reply){
				.status = 204, .headers = list.rows, .header_count = list.count});
	return true;
}
