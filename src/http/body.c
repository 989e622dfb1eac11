/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies: kept whole for the handler, or given to a taker as they come. Both are read by the same
 * rules; what differs is where the bytes go, and how long a client may be at it.
 */
#include "base/err.h"
#include "http/connection.h"

static struct request *request_of(const struct http_request *public)
{
	return container_of(public, struct request, public);
}

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

/*
 * The deadline grows with what has come, so that a body is in by body_time plus its size at the
 * slowest rate, and one that stalls is noticed long before that.
 */
static void set_body_deadline(struct conn *conn)
{
	const struct http_config *config = &conn->server->config;
	const struct request *request = conn->request;
	uint64_t earned_ms = request->body_came * 1000 / MAX_OF(config->body_rate_bytes, 1u);

	conn_set_deadline(conn, request->body_began_ns, config->body_time_ms + earned_ms);
}

/* --- reading --- */

/* Where what is read now goes. */
static struct buf *target(struct conn *conn)
{
	struct request *request = conn->request;

	return request->taking.taker ? &conn->server->taken : &request->body;
}

static uint64_t left(const struct request *request)
{
	return request->head.content_length - request->body_came;
}

/* Bodies that are kept have a ceiling together, too. */
static int count_body(struct conn *conn, size_t bytes)
{
	struct http_server *server = conn->server;

	conn->request->body_came += bytes;
	if (conn->request->taking.taker)
		return 0;
	server->body_bytes += bytes;
	if (server->body_bytes > server->body_bytes_max)
		return -ERR_UNAVAILABLE;
	if (bytes)
		set_body_deadline(conn);
	return 0;
}

static int take_chunked(struct conn *conn, const char **ret_why)
{
	struct buf *into = target(conn);
	size_t used, before = into->len;
	int rc = chunked_feed(&conn->request->chunked, conn_unused(conn), into, &used, ret_why);
	int counted = count_body(conn, into->len - before);

	conn_use(conn, used);
	return rc < 0 ? rc : counted < 0 ? counted : rc;
}

/* 1 when the body is complete. */
static int take_counted(struct conn *conn)
{
	struct slice unused = conn_unused(conn);
	size_t bytes = (size_t)MIN_OF((uint64_t)unused.len, left(conn->request));

	if (buf_append(target(conn), unused.data, bytes) < 0)
		return -ERR_NO_MEMORY;
	conn_use(conn, bytes);
	int rc = count_body(conn, bytes);
	return rc < 0 ? rc : left(conn->request) == 0;
}

/* A large body does not go through the window. False: nothing came. */
static bool read_counted(struct conn *conn, int *ret_rc)
{
	struct request *request = conn->request;
	struct buf *into = target(conn);
	uint64_t most = request->taking.taker ? HTTP_TAKEN_READ_BYTES : HTTP_BODY_READ_BYTES;
	size_t bytes = (size_t)MIN_OF(left(request), most);

	if (!conn->readable)
		return false;
	char *at = buf_reserve(into, bytes);
	if (!at) {
		*ret_rc = -ERR_NO_MEMORY;
		return true;
	}
	ssize_t got = transport_read(&conn->transport, at, bytes);
	conn->readable = transport_has_pending(&conn->transport);
	if (got > 0) {
		into->len += (size_t)got;
		conn->server->counters.bytes_in += (uint64_t)got;
		*ret_rc = count_body(conn, (size_t)got);
		if (*ret_rc == 0)
			*ret_rc = left(request) == 0;
	} else if (got != -ERR_AGAIN) {
		conn_close(conn);
	}
	return got > 0;
}

/* False: there is nothing now. *ret_rc: 1 when the body is complete, or a negative code. */
static bool read_some(struct conn *conn, int *ret_rc, const char **ret_why)
{
	bool chunked = conn->request->head.chunked;

	if (conn_unused(conn).len)
		*ret_rc = chunked ? take_chunked(conn, ret_why) : take_counted(conn);
	else
		return chunked ? conn_fill(conn) : read_counted(conn, ret_rc);
	return true;
}

bool step_body(struct conn *conn)
{
	const char *why = NULL;
	int rc = 0;

	if (!read_some(conn, &rc, &why))
		return false;
	if (rc < 0)
		reply_refuse(conn, -rc, why);
	else if (rc > 0)
		return dispatch(conn);
	return true;
}

/* --- taking --- */

static void on_late(struct timer *timer);

/*
 * Each byte earns its time at the slowest rate, but a client that was quick may not rest on that:
 * it never has more than body_time.
 */
static void earn_time(struct conn *conn, size_t bytes)
{
	const struct http_config *config = &conn->server->config;
	struct request *request = conn->request;
	uint64_t earned_ns = bytes * NS_PER_SEC / MAX_OF(config->body_rate_bytes, 1u);
	uint64_t most_ns = clock_now_ns() + config->body_time_ms * NS_PER_MS;

	request->taking.late_ns = MIN_OF(request->taking.late_ns + earned_ns, most_ns);
	loop_timer_set(conn->server->loop, &request->taking.late, request->taking.late_ns, on_late);
}

/* What TLS still wanted of the socket was for the body: nobody would come for it, and epoll not sleep. */
static void stop_reading(struct conn *conn)
{
	loop_timer_cancel(conn->server->loop, &conn->request->taking.late);
	conn->transport.want = 0;
}

/* From here on it is a request as any: answered and, if all of its body came, followed by the next. */
static void end_taking(struct conn *conn, int code, const char *why)
{
	struct http_server *server = conn->server;
	struct request *request = conn->request;

	request->taking.going = false;
	stop_reading(conn);
	loop_timer_cancel(server->loop, &request->taking.soon);
	if (conn->state == CONN_TAKE) {
		conn->keep_alive = code == 0 && request->head.keep_alive;
		conn_set_state(conn, CONN_WAIT);
	}
	if (code == -ERR_REQUEST_TIMEOUT)
		server->counters.timeouts++;
	else if (code < 0 && err_status(code) < 500)
		server->counters.bad_requests++;
	request->taking.taker->on_end(&request->public, code, why);
}

static void on_late(struct timer *timer)
{
	struct conn *conn = container_of(timer, struct request, taking.late)->conn;

	conn->in_turn = true;
	end_taking(conn, -ERR_REQUEST_TIMEOUT, err_default_text(ERR_REQUEST_TIMEOUT));
	conn_have_turn(conn);
}

/* What came before a mistake is given as well: where a packet ends changes nothing. */
static void hand_over(struct conn *conn, int rc, const char *why)
{
	struct request *request = conn->request;
	struct buf *taken = &conn->server->taken;

	if (taken->len) {
		earn_time(conn, taken->len);
		request->taking.taker->on_data(&request->public, buf_slice(taken));
		buf_clear(taken);
	}
	if (rc && conn->request == request) /* else it has been answered meanwhile */
		end_taking(conn, MIN_OF(rc, 0), why || rc > 0 ? why : err_default_text(rc));
}

static bool is_wanted(const struct request *request)
{
	return request->taking.going && !request->taking.held;
}

bool step_take(struct conn *conn)
{
	struct request *request = conn->request;
	const char *why = NULL;
	int rc = 0;

	if (!is_wanted(request))
		return false;
	if (request->taking.invite && conn_unused(conn).len == 0 && conn->state == CONN_TAKE) {
		request->taking.invite = false;
		reply_continue(conn);
		return true;
	}
	if (!read_some(conn, &rc, &why))
		return false;
	request->taking.invite = false;
	hand_over(conn, rc, why);
	return true;
}

uint32_t take_events(const struct conn *conn)
{
	return is_wanted(conn->request) ? EPOLLIN : 0;
}

static void on_soon(struct timer *timer)
{
	conn_have_turn(container_of(timer, struct request, taking.soon)->conn);
}

void http_take_body(struct http_request *public, const struct http_taker *taker)
{
	struct request *request = request_of(public);
	struct conn *conn = request->conn;
	uint64_t now_ns = clock_now_ns();

	request->taking.taker = taker;
	request->taking.going = request->taking.held = true;
	request->taking.invite = request->head.expects_continue;
	request->taking.held_ns = now_ns;
	request->taking.late_ns = now_ns + conn->server->config.body_time_ms * NS_PER_MS;
	request->chunked.bytes_max = HTTP_TAKEN_BYTES_MAX;
	conn->server->counters.requests++;
	loop_timer_cancel(conn->server->loop, &conn->timer);
	conn_set_state(conn, CONN_TAKE);
}

void http_hold_body(struct http_request *public, bool hold)
{
	struct request *request = request_of(public);
	struct conn *conn = request->conn;

	if (!request->taking.going || request->taking.held == hold || conn->state == CONN_GONE)
		return;
	request->taking.held = hold;
	if (hold) {
		request->taking.held_ns = clock_now_ns();
		stop_reading(conn);
	} else {
		request->taking.late_ns += clock_now_ns() - request->taking.held_ns;
		earn_time(conn, 0);
		/* what has been read already, which no event tells of */
		loop_timer_set(conn->server->loop, &request->taking.soon, 0, on_soon);
	}
	conn_settle(conn);
}

bool http_keep_bytes(struct http_request *public, size_t bytes)
{
	struct request *request = request_of(public);
	struct http_server *server = request->conn->server;

	request->kept_bytes += bytes;
	server->body_bytes += bytes;
	return server->body_bytes <= server->body_bytes_max;
}

/* --- the beginning --- */

/* The handler may refuse by the head alone; what was going to be the body then ends with the connection. */
static bool decided_by_head(struct conn *conn)
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

bool body_begin(struct conn *conn)
{
	struct request *request = conn->request;
	const struct head *head = &request->head;
	uint64_t most = conn->server->config.body_bytes_max;

	if (!head->chunked && head->content_length == 0)
		return dispatch(conn);
	request->public.body_bytes = head->chunked ? HTTP_LENGTH_UNKNOWN : head->content_length;
	request->chunked.parser = head->parser;
	request->chunked.bytes_max = most;
	if (decided_by_head(conn))
		return true;
	if (!head->chunked && head->content_length > most) {
		reply_refuse(conn, ERR_BODY_TOO_LARGE, NULL);
		return true;
	}
	buf_init(&request->body, head->chunked ? most : head->content_length);
	request->body_began_ns = clock_now_ns();
	conn_set_state(conn, CONN_BODY);
	set_body_deadline(conn);
	/* RFC 9110 10.1.1: a client that has begun to send the body needs no invitation. */
	if (head->expects_continue && conn_unused(conn).len == 0)
		reply_continue(conn);
	return true;
}
