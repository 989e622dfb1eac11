/* SPDX-License-Identifier: Apache-2.0 */
/* Piston's addresses beside execute and runtimes. */
#include "api/piston.h"
#include "door/handlers.h"
#include "door/reply.h"
#include "json/json.h"

#define PACKAGES_BYTES_MAX MIB

void handle_piston_home(struct exchange *exchange)
{
	struct buf body;

	buf_init(&body, PACKAGES_BYTES_MAX);
	buf_append_text(&body, "{\"message\":\"Piston v3.1.1\"}"); /* the version whose API this is */
	reply_json(exchange, 200, &body);
}

void handle_piston_packages(struct exchange *exchange)
{
	struct api_context api = exchange_context(exchange);
	struct buf body;

	buf_init(&body, PACKAGES_BYTES_MAX);
	int status = piston_encode_packages(&body, &api);
	reply_json(exchange, status, &body);
}

static void refuse(struct exchange *exchange,
                   int (*why)(const struct api_context *api, struct yyjson_val *body, struct err *err))
{
	struct api_context api = exchange_context(exchange);
	struct yyjson_doc *doc = NULL;
	struct err err;

	if (exchange_parse(exchange, &doc, &err) == 0)
		why(&api, exchange->api.body, &err);
	json_free(doc);
	reply_error(exchange, &err);
}

void handle_piston_install(struct exchange *exchange)
{
	refuse(exchange, piston_install);
}

void handle_piston_remove(struct exchange *exchange)
{
	refuse(exchange, piston_remove);
}
