/* SPDX-License-Identifier: Apache-2.0 */
#include "door/door.h"

#include <string.h>
#include <strings.h>

#include "api/api.h"
#include "door/cors.h"
#include "door/execute.h"
#include "door/handlers.h"
#include "door/jobs.h"
#include "door/later.h"
#include "door/once.h"
#include "door/reply.h"
#include "door/retry.h"
#include "door/session_api.h"
#include "door/webhooks.h"
#include "ipc/walls.h"
#include "store/key_text.h"

enum route_who { WHO_OPEN, WHO_KEY, WHO_RATED };

#define OF(dialect) (1u << DIALECT_##dialect)
#define MOUNTED     DIALECT_UNMOUNTED /* in a row: not there without a mount */

struct route {
	enum http_method method;
	struct slice path;
	enum route_who who;
	unsigned formats;
	handler_fn *fn;
};

static const struct route routes[] = {
#define X(method, path, who, formats, handler)                                                               \
	{HTTP_##method, {path, sizeof(path) - 1}, WHO_##who, formats, handle_##handler},
#include "door/routes.def"
#undef X
};

/* Whose bodies may be taken as they come (http_take_body); one that is not taken is the handler's. */
static const struct {
	handler_fn *fn;
	void (*take)(struct exchange *exchange);
} takers[] = {
    {handle_execute, execute_take},
    {handle_session_file_put, session_upload_take},
    {handle_session_files_put, session_archive_take},
};

int door_init(struct door *door, const struct config *config, const struct runtime_table *runtimes)
{
	*door = (struct door){.config = config, .runtimes = runtimes};
	list_init(&door->documents.waiting);
	list_init(&door->fetches.waiting);
	list_init(&door->packs.waiting);
	door->sessions = sessions_create(door);
	key_init(&door->nobody);
	door->nobody.facts.limits.rate_per_minute = QUOTA_UNLIMITED;
	door->keys = keyring_create();
	door->once = once_create(config);
	door->later = later_create(config);
	door->jobs = jobs_create(door);
	door->webhooks = webhooks_create(door);
	return door->keys && door->sessions && door->once && door->later && door->jobs && door->webhooks ? 0 : -ERR_NO_MEMORY;
}

/* --- who asks --- */

/* Authorization may have the key alone, without a scheme, as clients of Piston send it. */
static struct slice presented_key(const struct http_request *request)
{
	static const struct slice bearer = SLICE_LITERAL("Bearer ");
	struct slice value = http_request_header(request, "Authorization");

	/* the scheme is case-insensitive: RFC 9110, 11.1 */
	if (value.len > bearer.len && strncasecmp(value.data, bearer.data, bearer.len) == 0)
		return (struct slice){value.data + bearer.len, value.len - bearer.len};
	return value.len && !memchr(value.data, ' ', value.len) ? value
								 : http_request_header(request, "X-API-Key");
}

static struct key *key_of(struct door *door, struct slice text)
{
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
	struct slice text = presented_key(exchange->request);
	exchange->key = key_of(door, text);
	if (!exchange->key) {
		enum err_code code = text.len ? ERR_UNAUTHENTICATED : ERR_NO_KEY;
		door->unauthenticated++;
		return err_set(err, code, "%s", err_default_text(code));
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

/* The next segment of *path, which is cut by it and the slash in front. */
static struct slice next_segment(struct slice *path)
{
	const char *begin = path->data + 1, *end = memchr(begin, '/', path->len - 1);
	struct slice segment = {begin, end ? (size_t)(end - begin) : path->len - 1};

	*path = (struct slice){segment.data + segment.len, path->len - 1 - segment.len};
	return segment;
}

static bool path_matches(struct slice pattern, struct slice path, struct slice params[API_PARAMS_MAX])
{
	static const struct slice any = SLICE_LITERAL("{}");
	unsigned count = 0;

	while (pattern.len && path.len) {
		if (slice_equal(pattern, SLICE_LITERAL("/{*}")) && path.len > 1 && count < API_PARAMS_MAX) {
			params[count] = (struct slice){path.data + 1, path.len - 1};
			return true;
		}
		struct slice wanted = next_segment(&pattern), segment = next_segment(&path);
		if (slice_equal(wanted, any) && segment.len && count < API_PARAMS_MAX)
			params[count++] = segment;
		else if (!slice_equal(wanted, segment))
			return false;
	}
	return pattern.len == 0 && path.len == 0;
}

static bool method_is(const struct route *route, enum http_method method)
{
	return route->method == (method == HTTP_HEAD ? HTTP_GET : method);
}

static void add_allowed(struct exchange *exchange, const struct route *route)
{
	static const char *const names[] = {
	    [HTTP_GET] = "GET, HEAD", [HTTP_POST] = "POST", [HTTP_PUT] = "PUT",
	    [HTTP_DELETE] = "DELETE", [HTTP_PATCH] = "PATCH",
	};
	const char *name = names[route->method];

	if (!exchange->allow)
		exchange->allow = name;
	else if (!strstr(exchange->allow, name))
		exchange->allow = arena_printf(exchange->request->arena, "%s, %s", exchange->allow, name);
}

static bool is_at(const struct route *route, struct exchange *exchange, unsigned mask)
{
	return (route->formats & mask) && !(route->formats & mask & MOUNTED) &&
	       path_matches(route->path, exchange->api.path, exchange->api.params);
}

/*
 * Of the formats in mask those whose row is meant: where several rows have the same address and method,
 * what is there before the body decides. An address that another one's {} stands for as well comes first.
 */
static unsigned narrow(struct exchange *exchange, unsigned mask)
{
	const struct slice *path = NULL;
	unsigned formats = 0;

	for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
		if (!is_at(&routes[i], exchange, mask) || !method_is(&routes[i], exchange->request->method) ||
		    (path && !slice_equal(*path, routes[i].path)))
			continue;
		path = &routes[i].path;
		formats |= routes[i].formats & mask;
	}
	return formats ? 1u << dialect_of_request(&exchange->api, formats) | (mask & MOUNTED) : mask;
}

/* What is at that address for that method; else *err says which of the two is wrong. */
static const struct route *find_route(struct exchange *exchange, unsigned mask, struct err *err)
{
	const struct route *found = NULL;

	for (size_t i = 0; !found && i < ARRAY_LEN(routes); i++) {
		if (!is_at(&routes[i], exchange, mask))
			continue;
		exchange->formats |= routes[i].formats & mask;
		if (method_is(&routes[i], exchange->request->method))
			found = &routes[i];
		else
			add_allowed(exchange, &routes[i]);
	}
	if (found)
		exchange->allow = NULL;
	else if (exchange->allow)
		err_set(err, ERR_METHOD_NOT_ALLOWED, "This address takes only %s.", exchange->allow);
	else
		err_set(err, ERR_NOT_FOUND, "%s", err_default_text(ERR_NOT_FOUND));
	return found;
}

static struct slice header_of(const struct api_request *request, const char *name)
{
	return http_request_header(request->http, name);
}

static struct slice without_last_slash(struct slice path)
{
	return path.len > 1 && path.data[path.len - 1] == '/' ? (struct slice){path.data, path.len - 1} : path;
}

/* Who may have meant an address without a mount that nobody has. */
#define ELSEWHERE (OF(NATIVE) | OF(PISTON) | OF(NADOO))

/* What was asked, whoever asks: the route, or NULL with *err; in both cases the dialect is set. */
static const struct route *resolve(struct exchange *exchange, struct err *err)
{
	struct slice path = exchange->request->path;
	unsigned mask = dialects_of_mount(&path);

	exchange->api = (struct api_request){.path = without_last_slash(path),
					     .query = exchange->request->query,
					     .header = header_of,
					     .http = exchange->request};
	const struct route *route = find_route(exchange, narrow(exchange, mask), err);
	if (route)
		exchange->formats = route->formats & mask;
	else if (!exchange->formats)
		exchange->formats = mask & DIALECT_UNMOUNTED ? ELSEWHERE : mask;
	exchange->dialect = dialects[dialect_of_request(&exchange->api, exchange->formats)];
	return route;
}

/* The route to call; NULL with *err. */
static const struct route *look_up(struct exchange *exchange, struct err *err)
{
	const struct route *route = resolve(exchange, err);

	return route && admit(exchange, route->who, err) == 0 ? route : NULL;
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
	exchange->memory = request->arena;
	exchange->quota.limit = QUOTA_UNLIMITED;
	id_make(exchange->id, "req");
	const struct route *route = look_up(exchange, &err);
	if (!route) {
		if (!cors_preflight(exchange))
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

	if (!exchange)
		return; /* and the request is gone */
	request->owner = exchange;
	for (size_t i = 0; i < ARRAY_LEN(takers); i++)
		if (takers[i].fn == exchange->handler) {
			takers[i].take(exchange);
			return;
		}
}

void door_on_request(struct http_request *request, void *ctx)
{
	struct exchange *exchange = request->owner ? request->owner : begin(request, ctx);

	if (exchange && exchange_is_first(exchange))
		exchange->handler(exchange);
}

void door_error_body(struct buf *out, struct http_request *request, int code, const char *text,
                     void *ctx _unused_)
{
	struct exchange exchange = {.request = request, .dialect = &dialect_native};
	struct err err;
	char id[ID_BYTES];

	if (request)
		resolve(&exchange, &err);
	id_make(id, "req");
	err_set(&err, (enum err_code)(code < 0 ? -code : code), "%s", text ? text : err_default_text(code));
	exchange.dialect->encode_error(out, &err, id);
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
