/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers in pieces. Pieces are framed into the connection's buffer as they come and leave together
 * when the loop runs again; the request stays its handler's until the end.
 */
#include "base/err.h"
#include "http/connection.h"

static struct request *request_of(const struct http_request *public)
{
	return container_of(public, struct request, public);
}

static size_t pending(const struct conn *conn)
{
	return conn->out_head.len - conn->out_at;
}

uint32_t stream_events(const struct conn *conn)
{
	return EPOLLRDHUP | (pending(conn) ? EPOLLOUT : 0);
}

bool http_stream_is_full(const struct http_request *public)
{
	return pending(request_of(public)->conn) > HTTP_STREAM_FULL_BYTES;
}

/* A deadline only while there is something that the client should take. */
static void set_deadline(struct conn *conn)
{
	struct http_server *server = conn->server;

	if (pending(conn))
		conn_set_deadline(conn, clock_now_ns(), server->config.write_time_ms);
	else
		loop_timer_cancel(server->loop, &conn->timer);
}

static void tell_drained(struct conn *conn)
{
	struct request *request = conn->request;

	if (!request->stream.was_full || http_stream_is_full(&request->public))
		return;
	request->stream.was_full = false;
	if (request->public.on_drained)
		request->public.on_drained(&request->public);
}

/* Once a turn: what is given meanwhile waits for epoll, and others get theirs before it. */
static bool write_some(struct conn *conn)
{
	struct iovec part = {conn->out_head.data + conn->out_at, pending(conn)};
	ssize_t sent;

	if (conn->request->stream.failed) {
		conn_close(conn);
		return false;
	}
	if (part.iov_len == 0)
		return false;
	sent = transport_write(&conn->transport, &part, 1);
	if (sent < 0) {
		if (sent != -ERR_AGAIN)
			conn_close(conn);
		return false;
	}
	conn->server->counters.bytes_out += (uint64_t)sent;
	conn->out_at += (size_t)sent;
	if (pending(conn) == 0) {
		buf_clear(&conn->out_head);
		conn->out_at = 0;
	}
	set_deadline(conn);
	tell_drained(conn);
	return conn->state != CONN_STREAM;
}

/* The request's body may still be on its way, while the answer is. */
bool step_stream(struct conn *conn)
{
	bool took = step_take(conn);

	return conn->state != CONN_STREAM || write_some(conn) || (took && conn->state == CONN_STREAM);
}

void late_stream(struct conn *conn)
{
	late_abort(conn);
}

/* --- what the handler calls --- */

static void on_soon(struct timer *timer)
{
	conn_have_turn(container_of(timer, struct request, stream.soon)->conn);
}

/* In the turn that this call is made in, or one that begins when the loop runs again. */
static void write_soon(struct request *request)
{
	struct conn *conn = request->conn;

	if (!conn->in_turn && !request->stream.soon.place)
		loop_timer_set(conn->server->loop, &request->stream.soon, 0, on_soon);
}

int http_stream_begin(struct http_request *public, const struct http_reply *reply)
{
	struct request *request = request_of(public);
	int rc = reply_pieces(request->conn, reply);

	if (rc == 0) {
		set_deadline(request->conn);
		write_soon(request);
	}
	return rc;
}

/* The room at the front is used again before the buffer grows. */
static void make_room(struct conn *conn)
{
	if (conn->out_at < conn->out_head.len / 2)
		return;
	buf_consume(&conn->out_head, conn->out_at);
	conn->out_at = 0;
}

static int add_chunk(struct conn *conn, struct slice piece)
{
	struct buf *out = &conn->out_head;

	if (conn->request->stream.sized) {
		if (piece.len > conn->request->stream.left)
			return -ERR_INTERNAL;
		conn->request->stream.left -= piece.len;
	}
	if (conn->request->head.http_1_0 || conn->request->stream.sized)
		return buf_append(out, piece.data, piece.len);
	int rc = buf_printf(out, "%zx\r\n", piece.len);
	if (rc == 0)
		rc = buf_append(out, piece.data, piece.len);
	return rc < 0 ? rc : buf_append(out, "\r\n", 2);
}

void http_stream_write(struct http_request *public, struct slice piece)
{
	struct request *request = request_of(public);
	struct conn *conn = request->conn;

	/* HEAD: the head was all; and a chunk without bytes would be the last one */
	if (piece.len == 0 || public->method == HTTP_HEAD)
		return;
	make_room(conn);
	if (!pending(conn))
		conn_set_deadline(conn, clock_now_ns(), conn->server->config.write_time_ms);
	if (add_chunk(conn, piece) < 0)
		request->stream.failed =
		    true; /* broken off, so that nobody takes it for complete */
	request->stream.was_full = http_stream_is_full(public);
	write_soon(request);
}

static int add_end(struct conn *conn)
{
	const struct request *request = conn->request;

	if (request->stream.failed)
		return -ERR_NO_MEMORY;
	if (request->stream.sized && request->stream.left && request->public.method != HTTP_HEAD)
		return -ERR_INTERNAL; /* broken off, so that nobody takes it for complete */
	if (request->head.http_1_0 || request->stream.sized || request->public.method == HTTP_HEAD)
		return 0;
	return buf_append_text(&conn->out_head, "0\r\n\r\n");
}

void http_stream_end(struct http_request *public)
{
	struct conn *conn = request_of(public)->conn;
	bool in_turn = conn->in_turn, whole = add_end(conn) == 0;

	conn->in_turn = true;
	conn_set_state(conn, CONN_REPLY); /* from here on the handler hears of nothing */
	request_free(conn);
	if (whole)
		reply_rest(conn);
	else
		conn_close(conn);
	conn->in_turn = in_turn;
	conn_settle(conn);
}
