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
	loop_timer_cancel(conn->server->loop, &request->taking.soon);
	loop_timer_cancel(conn->server->loop, &request->taking.late);
	if (request->public.on_freed)
		request->public.on_freed(request->public.freed_ctx);
	conn->server->body_bytes -= request->body.len + request->kept_bytes;
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
		return body_begin(conn);
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
