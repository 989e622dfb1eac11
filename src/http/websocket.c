/* SPDX-License-Identifier: Apache-2.0 */
#include "http/websocket.h"

#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

#include "http/connection.h"
#include "http/handshake.h"

struct websocket {
	struct conn *conn;
	wslay_event_context_ptr wslay;
	const struct websocket_handler *handler;
	void *ctx;
	struct timer soon;	   /* a turn that was asked for from outside of one */
	struct buf message;	   /* what has come of the message under way */
	bool text, control;	   /* it is text; the frame under way is no part of it */
	uint64_t message_began_ns; /* 0: none is under way */
	struct buf out;		   /* frames that the socket has not taken, from out_at */
	size_t out_at;
	bool held, look; /* look: wslay may have messages that it took before the hold */
	bool was_full, pinged;
	unsigned close_code; /* ours, to be sent when the queue is empty; 0: none */
	bool close_queued;
	char close_reason[WEBSOCKET_REASON_BYTES + 1];
};

/* --- what wslay asks for --- */

static ssize_t on_recv(wslay_event_context_ptr wslay, uint8_t *buf, size_t len, int flags _unused_,
		       void *ctx)
{
	struct websocket *socket = ctx;
	struct slice unused = conn_unused(socket->conn);
	size_t bytes = MIN_OF(len, unused.len);

	if (bytes == 0 || socket->held) {
		wslay_event_set_error(wslay, WSLAY_ERR_WOULDBLOCK);
		return -1;
	}
	memcpy(buf, unused.data, bytes);
	conn_use(socket->conn, bytes);
	return (ssize_t)bytes;
}

/* Into a buffer of limited size first: what follows of a frame leaves with its head. */
static ssize_t on_send(wslay_event_context_ptr wslay, const uint8_t *data, size_t len,
		       int flags _unused_, void *ctx)
{
	struct websocket *socket = ctx;
	size_t bytes = MIN_OF(len, HTTP_SOCKET_OUT_BYTES - socket->out.len);

	if (bytes && buf_append(&socket->out, data, bytes) == 0)
		return (ssize_t)bytes;
	wslay_event_set_error(wslay, bytes ? WSLAY_ERR_CALLBACK_FAILURE : WSLAY_ERR_WOULDBLOCK);
	return -1;
}

static void refuse_more(struct websocket *socket, unsigned code, const char *reason)
{
	wslay_event_shutdown_read(socket->wslay);
	websocket_close(socket, code, reason);
}

/* wslay itself would end it without a word, when what it cannot read is no frame at all. */
static void break_off(struct websocket *socket)
{
	static const unsigned char close_frame[] = {0x88, 2, WSLAY_CODE_PROTOCOL_ERROR >> 8,
						    WSLAY_CODE_PROTOCOL_ERROR & 0xff};

	wslay_event_shutdown_read(socket->wslay);
	wslay_event_shutdown_write(socket->wslay);
	if (!wslay_event_get_close_sent(socket->wslay))
		buf_append(&socket->out, close_frame, sizeof(close_frame));
	socket->close_code = WSLAY_CODE_PROTOCOL_ERROR;
	socket->close_queued = true;
}

static void drop_message(struct websocket *socket)
{
	socket->conn->server->body_bytes -= socket->message.len;
	buf_finish(&socket->message);
	socket->message_began_ns = 0;
}

static void on_frame(wslay_event_context_ptr wslay _unused_,
		     const struct wslay_event_on_frame_recv_start_arg *arg, void *ctx)
{
	struct websocket *socket = ctx;
	uint64_t most = socket->conn->server->config.body_bytes_max;

	socket->control = wslay_is_ctrl_frame(arg->opcode);
	if (socket->control)
		return;
	if (arg->opcode != WSLAY_CONTINUATION_FRAME) {
		socket->text = arg->opcode == WSLAY_TEXT_FRAME;
		socket->message_began_ns = clock_now_ns();
		buf_init(&socket->message, most);
	}
	if (arg->payload_length > most - socket->message.len)
		refuse_more(socket, WSLAY_CODE_MESSAGE_TOO_BIG, "The message is too large.");
}

/* All bodies and messages together have a ceiling, as each of them has. */
static void on_chunk(wslay_event_context_ptr wslay _unused_,
		     const struct wslay_event_on_frame_recv_chunk_arg *arg, void *ctx)
{
	struct websocket *socket = ctx;
	struct http_server *server = socket->conn->server;

	if (socket->control || socket->close_code)
		return;
	if (server->body_bytes + arg->data_length > server->body_bytes_max ||
	    buf_append(&socket->message, arg->data, arg->data_length) < 0)
		refuse_more(socket, WSLAY_CODE_INTERNAL_SERVER_ERROR, "Out of memory.");
	else
		server->body_bytes += arg->data_length;
}

static void on_message(wslay_event_context_ptr wslay _unused_,
		       const struct wslay_event_on_msg_recv_arg *arg, void *ctx)
{
	struct websocket *socket = ctx;

	if (arg->opcode == WSLAY_CONNECTION_CLOSE && arg->msg_length == 1)
		break_off(socket); /* half a code: RFC 6455 5.5.1 */
	if (wslay_is_ctrl_frame(arg->opcode))
		return;
	if (!socket->close_code)
		socket->handler->on_message(socket, buf_slice(&socket->message), socket->text,
					    socket->ctx);
	drop_message(socket);
}

static const struct wslay_event_callbacks wslay_callbacks = {
    .recv_callback = on_recv,
    .send_callback = on_send,
    .on_frame_recv_start_callback = on_frame,
    .on_frame_recv_chunk_callback = on_chunk,
    .on_msg_recv_callback = on_message,
};

/* --- turns --- */

static size_t out_pending(const struct websocket *socket)
{
	return socket->out.len - socket->out_at;
}

bool websocket_is_full(const struct websocket *socket)
{
	return wslay_event_get_queued_msg_length(socket->wslay) + out_pending(socket) >
	       HTTP_SOCKET_QUEUE_BYTES;
}

static bool takes(const struct websocket *socket)
{
	return !socket->held && wslay_event_want_read(socket->wslay) && !websocket_is_full(socket);
}

/* False: nothing came, or the connection has ended. */
static bool take_some(struct websocket *socket)
{
	struct conn *conn = socket->conn;

	if (!takes(socket))
		return false;
	if (!socket->look && conn_unused(conn).len == 0 && !conn_fill(conn))
		return false;
	socket->look = false;
	socket->pinged = false;
	if (wslay_event_recv(socket->wslay) < 0)
		break_off(socket);
	return true;
}

/* Our close waits for what was queued before it; wslay itself would send it first. */
static bool queue_frames(struct websocket *socket)
{
	size_t before = socket->out.len;

	if (socket->close_code && !socket->close_queued &&
	    wslay_event_get_queued_msg_count(socket->wslay) == 0) {
		socket->close_queued = true;
		wslay_event_queue_close(socket->wslay, (uint16_t)socket->close_code,
					(const uint8_t *)socket->close_reason,
					strlen(socket->close_reason));
	}
	if (wslay_event_want_write(socket->wslay) && wslay_event_send(socket->wslay) < 0) {
		conn_close(socket->conn);
		return false;
	}
	return socket->out.len > before;
}

static bool write_some(struct websocket *socket)
{
	struct iovec part = {socket->out.data + socket->out_at, out_pending(socket)};

	if (part.iov_len == 0)
		return false;
	ssize_t sent = transport_write(&socket->conn->transport, &part, 1);
	if (sent < 0) {
		if (sent != -ERR_AGAIN)
			conn_close(socket->conn);
		return false;
	}
	socket->conn->server->counters.bytes_out += (uint64_t)sent;
	socket->out_at += (size_t)sent;
	if (out_pending(socket) == 0) {
		buf_clear(&socket->out);
		socket->out_at = 0;
	}
	return true;
}

/* Both have said all they had to, or the client has broken the protocol and was told. */
static bool is_over(const struct websocket *socket)
{
	return !wslay_event_want_read(socket->wslay) && !wslay_event_want_write(socket->wslay) &&
	       (!socket->close_code || socket->close_queued) && out_pending(socket) == 0;
}

static void tell_drained(struct websocket *socket)
{
	bool full = websocket_is_full(socket);

	if (socket->was_full && !full)
		socket->handler->on_drained(socket, socket->ctx);
	socket->was_full = full;
}

/* The first of these that holds decides how long nothing may happen. */
static void set_deadline(struct websocket *socket)
{
	const struct http_config *config = &socket->conn->server->config;
	uint64_t now_ns = clock_now_ns();
	uint64_t earned_ms = socket->message.len * 1000 / MAX_OF(config->body_rate_bytes, 1u);

	if (out_pending(socket))
		conn_set_deadline(socket->conn, now_ns, config->write_time_ms);
	else if (socket->close_queued)
		conn_set_deadline(socket->conn, now_ns, HTTP_LINGER_MS);
	else if (socket->message_began_ns && !socket->held)
		conn_set_deadline(socket->conn, socket->message_began_ns,
				  config->body_time_ms + earned_ms);
	else
		conn_set_deadline(socket->conn, now_ns, config->idle_time_ms);
}

bool step_socket(struct conn *conn)
{
	struct websocket *socket = conn->socket;
	bool moved = take_some(socket);

	if (conn->state == CONN_SOCKET)
		moved = queue_frames(socket) || moved;
	if (conn->state == CONN_SOCKET)
		moved = write_some(socket) || moved;
	if (conn->state != CONN_SOCKET)
		return false;
	if (is_over(socket)) {
		socket_free(conn);
		reply_linger(conn);
		return true;
	}
	if (moved)
		set_deadline(socket);
	tell_drained(socket);
	return moved;
}

uint32_t socket_events(const struct conn *conn)
{
	const struct websocket *socket = conn->socket;

	return (takes(socket) ? EPOLLIN : 0) | (out_pending(socket) ? EPOLLOUT : 0);
}

/* Nothing moved for as long as set_deadline allowed. A client that does not answer a ping is gone.
 */
void late_socket(struct conn *conn)
{
	static const struct wslay_event_msg ping = {.opcode = WSLAY_PING};
	struct websocket *socket = conn->socket;

	if (out_pending(socket)) {
		late_abort(conn);
	} else if (socket->close_queued || socket->pinged) {
		conn_close(conn);
	} else if (socket->message_began_ns && !socket->held) {
		refuse_more(socket, WSLAY_CODE_POLICY_VIOLATION,
			    "The message did not arrive in time.");
	} else if (!socket->held) {
		wslay_event_queue_msg(socket->wslay, &ping);
		socket->pinged = true;
	} else {
		set_deadline(socket);
	}
}

static void on_soon(struct timer *timer)
{
	conn_have_turn(container_of(timer, struct websocket, soon)->conn);
}

/* The turn that this call is made in does it, or one that begins when the loop runs again. */
static void do_soon(struct websocket *socket)
{
	struct conn *conn = socket->conn;

	if (!conn->in_turn && !socket->soon.place)
		loop_timer_set(conn->server->loop, &socket->soon, 0, on_soon);
}

/* --- what the handler calls --- */

void websocket_send(struct websocket *socket, struct slice message, bool text)
{
	struct wslay_event_msg msg = {text ? WSLAY_TEXT_FRAME : WSLAY_BINARY_FRAME,
				      (const uint8_t *)message.data, message.len};

	if (socket->close_code || !wslay_event_want_read(socket->wslay))
		return;
	if (wslay_event_queue_msg(socket->wslay, &msg) < 0)
		refuse_more(socket, WSLAY_CODE_INTERNAL_SERVER_ERROR, "Out of memory.");
	socket->was_full = websocket_is_full(socket);
	do_soon(socket);
}

void websocket_hold(struct websocket *socket, bool hold)
{
	if (socket->held == hold)
		return;
	socket->held = hold;
	socket->look = !hold;
	do_soon(socket);
}

void websocket_close(struct websocket *socket, unsigned code, const char *reason)
{
	if (socket->close_code)
		return;
	socket->close_code = code;
	socket->held = false; /* the client's own close is behind what was held */
	strncpy(socket->close_reason, reason, WEBSOCKET_REASON_BYTES);
	do_soon(socket);
}

/* --- beginning and end --- */

static int add_head(struct buf *out, struct slice key)
{
	char accept[HANDSHAKE_ACCEPT_BYTES];
	int rc = handshake_accept(key, accept);

	return rc < 0 ? rc
		      : buf_printf(out,
				   "HTTP/1.1 101 Switching Protocols\r\nServer: sandglass\r\n"
				   "Upgrade: websocket\r\nConnection: Upgrade\r\n"
				   "Sec-WebSocket-Accept: %s\r\n\r\n",
				   accept);
}

static struct websocket *create(struct conn *conn, const struct http_request *request)
{
	struct websocket *socket = calloc(1, sizeof(*socket));

	if (!socket)
		return NULL;
	socket->conn = conn;
	buf_init(&socket->out, HTTP_SOCKET_OUT_BYTES + HTTP_SOCKET_CLOSE_BYTES);
	if (add_head(&socket->out, http_request_header(request, "Sec-WebSocket-Key")) == 0 &&
	    wslay_event_context_server_init(&socket->wslay, &wslay_callbacks, socket) == 0) {
		wslay_event_config_set_no_buffering(socket->wslay, 1);
		return socket;
	}
	buf_finish(&socket->out);
	free(socket);
	return NULL;
}

struct websocket *websocket_accept(struct http_request *request,
				   const struct websocket_handler *handler, void *ctx)
{
	struct conn *conn = container_of(request, struct request, public)->conn;
	struct websocket *socket = create(conn, request);

	if (!socket)
		return NULL;
	socket->handler = handler;
	socket->ctx = ctx;
	conn->socket = socket;
	conn->keep_alive = false;
	conn_set_state(conn, CONN_SOCKET);
	request_free(conn);
	set_deadline(socket);
	do_soon(socket);
	return socket;
}

void socket_free(struct conn *conn)
{
	struct websocket *socket = steal_pointer(conn->socket);

	if (!socket)
		return;
	socket->handler->on_gone(socket, socket->ctx);
	loop_timer_cancel(conn->server->loop, &socket->soon);
	drop_message(socket);
	wslay_event_context_free(socket->wslay);
	buf_finish(&socket->out);
	free(socket);
}
