/* SPDX-License-Identifier: Apache-2.0 */
#include "door/door.h"

#include <string.h>
#include <strings.h>

#include "api/api.h"
#include "door/handlers.h"
#include "door/reply.h"
#include "ipc/walls.h"
#include "store/key_text.h"

enum route_who { WHO_OPEN, WHO_KEY, WHO_RATED };

struct route {
	enum http_method method;
	struct slice path;
	enum route_who who;
	handler_fn *fn;
};

static const struct route routes[] = {
#define X(method, path, who, handler) {HTTP_##method, {path, sizeof(path) - 1}, WHO_##who, handle_##handler},
#include "door/routes.def"
#undef X
};

int door_init(struct door *door, const struct config *config, const struct runtime_table *runtimes)
{
	*door = (struct door){.config = config, .runtimes = runtimes};
	key_init(&door->nobody);
	door->nobody.facts.limits.rate_per_minute = QUOTA_UNLIMITED;
	door->keys = keyring_create();
	return door->keys ? 0 : -ERR_NO_MEMORY;
}

/* --- who asks --- */

static struct slice presented_key(const struct http_request *request)
{
	static const struct slice bearer = SLICE_LITERAL("Bearer ");
	struct slice value = http_request_header(request, "Authorization");

	/* the scheme is case-insensitive: RFC 9110, 11.1 */
	if (value.len > bearer.len && strncasecmp(value.data, bearer.data, bearer.len) == 0)
		return (struct slice){value.data + bearer.len, value.len - bearer.len};
	return http_request_header(request, "X-API-Key");
}

static struct key *key_of(struct door *door, const struct http_request *request)
{
	struct slice text = presented_key(request);
	uint8_t hash[KEY_HASH_BYTES];

	if (door->embedded)
		return &door->nobody;
	if (text.len == 0 || key_text_hash(text, hash) < 0)
		return NULL;
	struct key *key = keyring_find(door->keys, hash);
	return key && !key->facts.revoked ? key : NULL;
}

static int admit(struct exchange *exchange, enum route_who who, struct err *err)
{
	struct door *door = exchange->door;

	exchange->quota.limit = QUOTA_UNLIMITED;
	if (who == WHO_OPEN)
		return 0;
	if (!door->embedded && !keyring_loaded(door->keys))
		return err_set(err, ERR_UNAVAILABLE, "The keys are still being read; send the request again.");
	exchange->key = key_of(door, exchange->request);
	if (!exchange->key) {
		door->unauthenticated++;
		return err_set(err, ERR_UNAUTHENTICATED, "%s", err_default_text(ERR_UNAUTHENTICATED));
	}
	if (who != WHO_RATED)
		return 0;
	exchange->quota = quota_take(exchange->key, door->config->rate_per_minute, clock_now_ns());
	if (exchange->quota.allowed)
		return 0;
	door->rate_limited++;
	return err_limit(err, ERR_RATE_LIMITED, "", exchange->quota.limit,
	                 "This key may send %llu requests a minute; try again in %llu seconds.",
	                 (unsigned long long)exchange->quota.limit,
	                 (unsigned long long)exchange->quota.reset_s);
}

/* --- what is asked --- */

/* A path has one method; NULL if there is no such path. */
static const struct route *route_of(const struct http_request *request)
{
	for (size_t i = 0; i < ARRAY_LEN(routes); i++)
		if (slice_equal(routes[i].path, request->path))
			return &routes[i];
	return NULL;
}

static int check_method(struct exchange *exchange, const struct route *route, struct err *err)
{
	enum http_method method = exchange->request->method;

	if ((method == HTTP_HEAD ? HTTP_GET : method) == route->method)
		return 0;
	exchange->allow = route->method == HTTP_GET ? "GET, HEAD" : "POST";
	return err_set(err, ERR_METHOD_NOT_ALLOWED, "This address takes only %s.", exchange->allow);
}

/* The route to call, or NULL with *err. */
static const struct route *find_route(struct exchange *exchange, struct err *err)
{
	const struct route *route = route_of(exchange->request);

	if (!route) {
		err_set(err, ERR_NOT_FOUND, "%s", err_default_text(ERR_NOT_FOUND));
		return NULL;
	}
	return check_method(exchange, route, err) < 0 || admit(exchange, route->who, err) < 0 ? NULL : route;
}

/* The exchange of an admitted request; NULL when it has been answered. */
static struct exchange *begin(struct http_request *request, struct door *door)
{
	struct exchange *exchange = arena_new(request->arena, struct exchange);
	struct err err;

	if (!exchange) {
		http_reply(request, &(struct http_reply){.status = 500, .close = true});
		return NULL;
	}
	exchange->door = door;
	exchange->request = request;
	exchange->quota.limit = QUOTA_UNLIMITED;
	id_make(exchange->id, "req");
	const struct route *route = find_route(exchange, &err);
	if (!route) {
		reply_error(exchange, &err);
		return NULL;
	}
	exchange->handler = route->fn;
	return exchange;
}

/* Who may not send a body to that address is told so before it is read. */
void door_on_head(struct http_request *request, void *ctx)
{
	struct exchange *exchange = begin(request, ctx);

	if (exchange) /* else the request is gone */
		request->owner = exchange;
}

void door_on_request(struct http_request *request, void *ctx)
{
	struct exchange *exchange = request->owner ? request->owner : begin(request, ctx);

	if (exchange)
		exchange->handler(exchange);
}

void door_error_body(struct buf *out, int code, const char *text, void *ctx _unused_)
{
	struct err err;
	char id[ID_BYTES];

	id_make(id, "req");
	err_set(&err, (enum err_code)(code < 0 ? -code : code), "%s", text ? text : err_default_text(code));
	dialect_native.encode_error(out, &err, id);
}

/* --- may anything run --- */

static enum err_code wall_missing(const struct door *door, struct err *err)
{
	for (unsigned i = 0; i < WALL_COUNT; i++) {
		if (door->walls.state[i] != WALL_OFF || (door->walls_waived >> i & 1))
			continue;
		err_set(err, ERR_WALL_MISSING, "This host cannot enforce the wall %s: %s. See 'sandglass doctor'.",
		        wall_name((enum wall)i), door->walls.why[i]);
		return ERR_WALL_MISSING;
	}
	return ERR_OK;
}

enum err_code door_refuses(const struct door *door, struct err *err)
{
	if (door->draining) {
		err_set(err, ERR_DRAINING, "%s", err_default_text(ERR_DRAINING));
		return ERR_DRAINING;
	}
	return door->walls_known ? wall_missing(door, err) : ERR_OK;
}
