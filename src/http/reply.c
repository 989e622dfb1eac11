/* SPDX-License-Identifier: Apache-2.0 */
#include "http/connection.h"

#include <stdio.h>

#include "base/err.h"

static const struct {
	int status;
	const char *text;
} statuses[] = {
#define X(code, phrase) {code, phrase},
#include "http/status.def"
#undef X
};

const char *http_status_text(int status)
{
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		if (statuses[i].status == status)
			return statuses[i].text;
	return "Unknown";
}

#define LENGTH_UNKNOWN SIZE_MAX /* of an answer in pieces */

/* --- the head --- */

/* RFC 9110 6.6.1 and 5.6.7; made once a second. */
static const char *date_line(struct http_server *server)
{
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	if (server->date_s != (uint64_t)now.tv_sec) {
		server->date_s = (uint64_t)now.tv_sec;
		gmtime_r(&now.tv_sec, &tm);
		strftime(server->date, sizeof(server->date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	}
	return server->date;
}

/* RFC 9110 8.6, 15.3.5, 15.4.5: these say where they end by their status. */
static bool status_has_body(int status)
{
	return status >= 200 && status != 204 && status != 304;
}

/* A handler may echo what a client sent in a header; a line break there would begin a new reply. */
static bool headers_are_valid(const struct http_reply *reply)
{
	if (reply->content_type && !header_is_value(slice_from(reply->content_type)))
		return false;
	for (size_t i = 0; i < reply->header_count; i++)
		if (!header_is_token(reply->headers[i].name) ||
		    !header_is_value(reply->headers[i].value))
			return false;
	return true;
}

static int add_headers(struct buf *out, const struct http_reply *reply)
{
	int rc = 0;

	for (size_t i = 0; i < reply->header_count && rc == 0; i++) {
		const struct http_header *header = &reply->headers[i];
		if (buf_append(out, header->name.data, header->name.len) < 0 ||
		    buf_append(out, ": ", 2) < 0 ||
		    buf_append(out, header->value.data, header->value.len) < 0)
			return -ERR_TOO_LARGE;
		rc = buf_append(out, "\r\n", 2);
	}
	return rc;
}

/* HTTP/1.0 must be told that we stay, HTTP/1.1 that we do not (RFC 9112 9.3). */
static const char *connection_line(const struct conn *conn, bool http_1_0)
{
	if (!conn->keep_alive)
		return "Connection: close\r\n";
	return http_1_0 ? "Connection: keep-alive\r\n" : "";
}

/* How the client finds the end (RFC 9112 6.3). HTTP/1.0 knows no chunks: there it is the connection's. */
static int add_length(struct buf *out, const struct http_reply *reply, size_t body_bytes, bool http_1_0)
{
	if (!status_has_body(reply->status) || (body_bytes == LENGTH_UNKNOWN && http_1_0))
		return 0;
	if (body_bytes == LENGTH_UNKNOWN)
		return buf_append_text(out, "Transfer-Encoding: chunked\r\n");
	return buf_printf(out, "Content-Length: %zu\r\n", body_bytes);
}

static int make_head(struct conn *conn, const struct http_reply *reply, size_t body_bytes,
		     bool http_1_0)
{
	struct buf *out = &conn->server->head;

	buf_clear(out);
	if (buf_printf(out, "HTTP/1.1 %d %s\r\nServer: sandglass\r\nDate: %s\r\n%s", reply->status,
		       http_status_text(reply->status), date_line(conn->server),
		       connection_line(conn, http_1_0)) < 0)
		return -ERR_NO_MEMORY;
	if (add_length(out, reply, body_bytes, http_1_0) < 0)
		return -ERR_NO_MEMORY;
	if (body_bytes && buf_printf(out, "Content-Type: %s\r\n", reply->content_type) < 0)
		return -ERR_TOO_LARGE;
	int rc = add_headers(out, reply);
	return rc < 0 ? rc : buf_append(out, "\r\n", 2);
}

/* --- sending --- */

void reply_linger(struct conn *conn)
{
	transport_end(&conn->transport);
	conn_use(conn, conn_unused(conn).len);
	conn_set_state(conn, CONN_LINGER);
	conn_set_deadline(conn, clock_now_ns(), HTTP_LINGER_MS);
}

void reply_drop(struct conn *conn)
{
	conn->server->reply_bytes -= conn->out_body.len;
	buf_finish(&conn->out_head);
	buf_finish(&conn->out_body);
	conn->out_at = conn->out_body_at = 0;
}

static void reply_sent(struct conn *conn)
{
	struct http_server *server = conn->server;

	reply_drop(conn);
	if (conn->state == CONN_CONTINUE && conn->request->taking.taker) {
		loop_timer_cancel(server->loop, &conn->timer);
		conn_set_state(conn, CONN_TAKE);
	} else if (conn->state == CONN_CONTINUE) {
		conn_set_state(conn, CONN_BODY);
	} else if (!conn->keep_alive) {
		reply_linger(conn);
	} else {
		conn_set_state(conn, CONN_IDLE);
		conn_set_deadline(conn, clock_now_ns(), server->config.idle_time_ms);
	}
}

static void count_sent(struct conn *conn, size_t bytes)
{
	conn->server->counters.bytes_out += bytes;
	conn_set_deadline(conn, clock_now_ns(), conn->server->config.write_time_ms);
}

static struct iovec rest_of(const struct buf *buf, size_t at)
{
	return (struct iovec){buf->data ? buf->data + at : NULL, buf->len - at};
}

bool step_write(struct conn *conn)
{
	struct iovec parts[2] = {rest_of(&conn->out_head, conn->out_at),
				 rest_of(&conn->out_body, conn->out_body_at)};
	ssize_t sent = transport_write(&conn->transport, parts, ARRAY_LEN(parts));

	if (sent < 0) {
		if (sent != -ERR_AGAIN)
			conn_close(conn);
		return false;
	}
	size_t of_head = MIN_OF((size_t)sent, parts[0].iov_len);
	conn->out_at += of_head;
	conn->out_body_at += (size_t)sent - of_head;
	count_sent(conn, (size_t)sent);
	if (conn->out_at == conn->out_head.len && conn->out_body_at == conn->out_body.len)
		reply_sent(conn);
	return true;
}

/* Keeps what the socket did not take: of bytes that are not ours, a copy. */
static int keep_rest(struct conn *conn, struct slice head, struct slice body,
		     struct buf *body_owned, size_t sent)
{
	size_t of_head = MIN_OF(sent, head.len), of_body = sent - of_head;

	buf_init(&conn->out_head, head.len + body.len);
	if (buf_append(&conn->out_head, head.data + of_head, head.len - of_head) < 0)
		return -ERR_NO_MEMORY;
	if (!body_owned)
		return buf_append(&conn->out_head, body.data + of_body, body.len - of_body);
	conn->out_body = *body_owned;
	conn->out_body_at = of_body;
	conn->server->reply_bytes += body.len;
	*body_owned = (struct buf){.ceiling = body_owned->ceiling};
	return 0;
}

/* Most replies fit the socket's buffer: they leave from the handler's memory without a copy. */
static void send_or_keep(struct conn *conn, struct slice head, struct slice body,
			 struct buf *body_owned)
{
	struct iovec parts[2] = {{(char *)head.data, head.len}, {(char *)body.data, body.len}};
	ssize_t sent = transport_write(&conn->transport, parts, ARRAY_LEN(parts));

	if (sent == -ERR_AGAIN)
		sent = 0;
	if (sent < 0) {
		conn_close(conn);
		return;
	}
	count_sent(conn, (size_t)sent);
	if ((size_t)sent == head.len + body.len)
		reply_sent(conn);
	else if (keep_rest(conn, head, body, body_owned, (size_t)sent) < 0)
		conn_close(conn);
}

static bool is_head_request(const struct conn *conn)
{
	return conn->request && conn->request->public.method == HTTP_HEAD;
}

/* In a turn. The state is set first: from the first byte on the parent must not answer for us. */
static int reply_send(struct conn *conn, const struct http_reply *reply)
{
	struct slice body = reply->body_owned ? buf_slice(reply->body_owned) : reply->body;
	bool http_1_0 = conn->request && conn->request->head.http_1_0;

	conn_set_state(conn, CONN_REPLY);
	if (conn->out_head.len) /* in the middle of a 100 */
		return -ERR_IO;
	if (!reply->content_type || !status_has_body(reply->status))
		body = (struct slice){0};
	if (reply->close || conn->server->draining)
		conn->keep_alive = false;
	if (!headers_are_valid(reply))
		return -ERR_INTERNAL;
	int rc = make_head(conn, reply, body.len, http_1_0);
	if (rc < 0)
		return rc;
	if (is_head_request(conn))
		body = (struct slice){0};
	send_or_keep(conn, buf_slice(&conn->server->head), body,
		     body.len ? reply->body_owned : NULL);
	return 0;
}

/* --- what the rest of the room and the handlers call --- */

int reply_pieces(struct conn *conn, const struct http_reply *reply)
{
	bool http_1_0 = conn->request->head.http_1_0;
	struct buf *head = &conn->server->head;

	if (!headers_are_valid(reply) || conn->out_head.len)
		return -ERR_INTERNAL;
	if (http_1_0 || reply->close || conn->server->draining)
		conn->keep_alive = false;
	int rc = make_head(conn, reply, reply->sized ? reply->size : LENGTH_UNKNOWN, http_1_0);
	if (rc < 0)
		return rc;
	conn->request->stream.sized = reply->sized;
	conn->request->stream.left = status_has_body(reply->status) ? reply->size : 0;
	buf_init(&conn->out_head, HTTP_STREAM_BYTES_MAX);
	rc = buf_append(&conn->out_head, head->data, head->len);
	if (rc == 0)
		conn_set_state(conn, CONN_STREAM);
	return rc;
}

void reply_rest(struct conn *conn)
{
	conn_set_deadline(conn, clock_now_ns(), conn->server->config.write_time_ms);
	if (conn->out_at < conn->out_head.len)
		step_write(conn);
	else
		reply_sent(conn);
}

void reply_continue(struct conn *conn)
{
	static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";

	conn_set_state(conn, CONN_CONTINUE);
	send_or_keep(conn, slice_from(interim), (struct slice){0}, NULL);
}

static struct http_request *readable_request(struct conn *conn)
{
	return conn->request && conn->request->public.path.len ? &conn->request->public : NULL;
}

void reply_refuse(struct conn *conn, int code, const char *why)
{
	struct http_server *server = conn->server;
	struct buf body;
	struct http_reply reply = {.status = err_status(code), .close = true};

	buf_init(&body, HTTP_ERROR_BODY_BYTES_MAX);
	if (server->callbacks.error_body) {
		server->callbacks.error_body(&body, readable_request(conn), code, why, server->ctx);
		reply.content_type = "application/json";
		reply.body_owned = &body;
	}
	if (code == ERR_REQUEST_TIMEOUT)
		server->counters.timeouts++;
	else if (reply.status < 500)
		server->counters.bad_requests++;
	if (reply_send(conn, &reply) < 0)
		conn_close(conn);
	buf_finish(&body);
	request_free(conn);
}

void http_reply(struct http_request *public, const struct http_reply *reply)
{
	struct request *request = container_of(public, struct request, public);
	struct conn *conn = request->conn;
	bool in_turn = conn->in_turn;

	conn->in_turn = true;
	if (reply->body_owned && conn->server->reply_bytes + reply->body_owned->len > HTTP_REPLIES_BYTES_MAX)
		reply_refuse(conn, ERR_UNAVAILABLE, "Too many answers wait for their clients to read them; this one was dropped.");
	else if (reply_send(conn, reply) < 0)
		reply_refuse(conn, ERR_INTERNAL, NULL);
	if (reply->body_owned)
		buf_finish(reply->body_owned);
	request_free(conn);
	conn->in_turn = in_turn;
	conn_settle(conn);
}
