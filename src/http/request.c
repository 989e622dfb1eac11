/* SPDX-License-Identifier: Apache-2.0 */
#include "http/connection.h"

#include "base/err.h"

static const struct {
	struct slice name;
	enum http_method method;
} methods[] = {
    {{"GET", 3}, HTTP_GET},
    {{"HEAD", 4}, HTTP_HEAD},
    {{"POST", 4}, HTTP_POST},
    {{"PUT", 3}, HTTP_PUT},
    {{"DELETE", 6}, HTTP_DELETE},
    {{"OPTIONS", 7}, HTTP_OPTIONS},
    {{"PATCH", 5}, HTTP_PATCH},
};

static enum http_method method_of(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		if (slice_equal(name, methods[i].name))
			return methods[i].method;
	return HTTP_OTHER;
}

/* --- the head --- */

static struct request *request_create(struct conn *conn)
{
	uint64_t body_max = conn->server->config.body_bytes_max;
	struct arena *arena =
	    arena_create(HTTP_ARENA_BYTES + HTTP_ARENA_BYTES_PER_BODY_BYTE * body_max);
	struct request *request = arena_new(arena, struct request);

	if (!request) {
		arena_destroy(arena);
		return NULL;
	}
	request->public.arena = arena;
	request->public.arrived_ns = conn->head_began_ns;
	request->conn = conn;
	conn->request = request;
	return request;
}

void request_free(struct conn *conn)
{
	struct request *request = steal_pointer(conn->request);

	if (!request)
		return;
	loop_timer_cancel(conn->server->loop, &request->stream.soon);
	if (request->public.on_freed)
		request->public.on_freed(request->public.freed_ctx);
	conn->server->body_bytes -= request->body.len;
	buf_finish(&request->body);
	arena_destroy(request->public.arena);
}

/* The head leaves the window for the request's arena, where its slices stay until the reply. */
static int read_head(struct conn *conn, struct request *request, const char **ret_why)
{
	struct slice text = {conn_unused(conn).data + conn->scan.skipped,
			     conn->scan.at + 1 - conn->scan.skipped};
	struct head *head = &request->head;

	text.data = arena_copy(request->public.arena, text.data, text.len);
	if (!text.data)
		return -ERR_NO_MEMORY;
	int rc = head_parse(head, text, conn->scan.lines - 1, request->public.arena, ret_why);
	request->public.method = method_of(head->method); /* a refusal of HEAD has no body either */
	if (rc < 0)
		return rc;
	request->public.path = head->path;
	request->public.query = head->query;
	request->public.headers = head->headers;
	request->public.header_count = head->header_count;
	conn->keep_alive = head->keep_alive;
	return 0;
}

/* --- the body --- */

static bool dispatch(struct conn *conn)
{
	struct http_server *server = conn->server;
	struct request *request = conn->request;

	if (server->draining) {
		reply_refuse(conn, ERR_DRAINING, NULL);
		return true;
	}
	loop_timer_cancel(server->loop, &conn->timer);
	request->public.body = buf_slice(&request->body);
	server->counters.requests++;
	conn_set_state(conn, CONN_WAIT);
	server->callbacks.on_request(&request->public, server->ctx);
	return conn->state != CONN_WAIT;
}

static void set_body_deadline(struct conn *conn)
{
	const struct http_config *config = &conn->server->config;
	const struct request *request = conn->request;
	uint64_t earned_ms = request->body.len * 1000 / MAX_OF(config->body_rate_bytes, 1u);

	conn_set_deadline(conn, request->body_began_ns, config->body_time_ms + earned_ms);
}

/* The handler may refuse by the head alone; what was going to be the body then ends with the connection. */
static bool refused_by_head(struct conn *conn)
{
	struct http_server *server = conn->server;
	bool keep_alive = conn->keep_alive;

	if (!server->callbacks.on_head)
		return false;
	conn->keep_alive = false;
	conn_set_state(conn, CONN_WAIT);
	server->callbacks.on_head(&conn->request->public, server->ctx);
	if (conn->state != CONN_WAIT)
		return true;
	conn->keep_alive = keep_alive;
	return false;
}

/*
 * The deadline grows with what has come, so that a body is in by body_time plus its size at the
 * slowest rate, and one that stalls is noticed long before that.
 */
static bool begin_body(struct conn *conn)
{
	struct request *request = conn->request;
	uint64_t ceiling = conn->server->config.body_bytes_max;

	if (!request->head.chunked && request->head.content_length > ceiling) {
		reply_refuse(conn, ERR_BODY_TOO_LARGE, NULL);
		return true;
	}
	if (!request->head.chunked && request->head.content_length == 0)
		return dispatch(conn);
	if (refused_by_head(conn))
		return true;
	buf_init(&request->body, request->head.chunked ? ceiling : request->head.content_length);
	request->chunked.parser = request->head.parser;
	request->body_began_ns = clock_now_ns();
	conn_set_state(conn, CONN_BODY);
	set_body_deadline(conn);
	/* RFC 9110 10.1.1: a client that has begun to send the body needs no invitation. */
	if (request->head.expects_continue && conn_unused(conn).len == 0)
		reply_continue(conn);
	return true;
}

/* Accounts for what the body grew by; all bodies together have a ceiling too. */
static int count_body(struct conn *conn, size_t before)
{
	struct http_server *server = conn->server;

	server->body_bytes += conn->request->body.len - before;
	if (server->body_bytes > server->body_bytes_max)
		return -ERR_UNAVAILABLE;
	if (conn->request->body.len > before)
		set_body_deadline(conn);
	return 0;
}

static int take_chunked(struct conn *conn, const char **ret_why)
{
	struct request *request = conn->request;
	size_t used, before = request->body.len;
	int rc = chunked_feed(&request->chunked, conn_unused(conn), &request->body, &used, ret_why);
	int counted = count_body(conn, before);

	conn_use(conn, used);
	return rc < 0 ? rc : counted < 0 ? counted : rc;
}

/* 1 when the body is complete. */
static int take_counted(struct conn *conn)
{
	struct request *request = conn->request;
	struct slice unused = conn_unused(conn);
	size_t before = request->body.len;
	size_t bytes = MIN_OF(unused.len, (size_t)request->head.content_length - before);

	if (buf_append(&request->body, unused.data, bytes) < 0)
		return -ERR_NO_MEMORY;
	conn_use(conn, bytes);
	int rc = count_body(conn, before);
	return rc < 0 ? rc : request->body.len == request->head.content_length;
}

/* A large body does not go through the window. False: nothing came. */
static bool read_counted(struct conn *conn, int *ret_rc)
{
	struct request *request = conn->request;
	size_t left = (size_t)request->head.content_length - request->body.len;
	size_t bytes = MIN_OF(left, (size_t)HTTP_BODY_READ_BYTES);

	if (!conn->readable)
		return false;
	char *at = buf_reserve(&request->body, bytes);
	if (!at) {
		*ret_rc = -ERR_NO_MEMORY;
		return true;
	}
	ssize_t got = transport_read(&conn->transport, at, bytes);
	conn->readable = transport_has_pending(&conn->transport);
	if (got > 0) {
		request->body.len += (size_t)got;
		conn->server->counters.bytes_in += (uint64_t)got;
		*ret_rc = count_body(conn, request->body.len - (size_t)got);
	} else if (got != -ERR_AGAIN) {
		conn_close(conn);
	}
	return got > 0;
}

bool step_body(struct conn *conn)
{
	const char *why = NULL;
	bool chunked = conn->request->head.chunked;
	int rc = 0;

	if (conn_unused(conn).len)
		rc = chunked ? take_chunked(conn, &why) : take_counted(conn);
	else if (chunked)
		return conn_fill(conn);
	else if (!read_counted(conn, &rc))
		return false;
	if (rc < 0)
		reply_refuse(conn, -rc, why);
	else if (rc > 0 ||
		 (!chunked && conn->request->body.len == conn->request->head.content_length))
		return dispatch(conn);
	return true;
}

/* --- from the first byte --- */

static void begin_head(struct conn *conn)
{
	conn->head_began_ns = clock_now_ns();
	conn_set_state(conn, CONN_HEAD);
	conn_set_deadline(conn, conn->head_began_ns, conn->server->config.header_time_ms);
}

static bool end_head(struct conn *conn)
{
	const char *why = NULL;
	struct request *request = request_create(conn);
	int rc = request ? read_head(conn, request, &why) : -ERR_NO_MEMORY;

	conn_use(conn, conn->scan.at + 1);
	conn->scan = (struct scan){0};
	if (rc == 0)
		return begin_body(conn);
	reply_refuse(conn, -rc, why);
	return true;
}

bool step_head(struct conn *conn)
{
	const char *why = NULL;
	struct slice unused = conn_unused(conn);

	if (unused.len && conn->state == CONN_IDLE)
		begin_head(conn);
	ssize_t bytes = unused.len ? scan_head(&conn->scan, unused.data, unused.len, &why) : 0;
	if (bytes > 0)
		return end_head(conn);
	if (bytes == 0)
		return conn_fill(conn);
	reply_refuse(conn, (int)-bytes, why);
	return true;
}
