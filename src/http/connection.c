/* SPDX-License-Identifier: Apache-2.0 */
#include "http/connection.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/fd.h"
#include "ipc/messages.h"

static bool step_handshake(struct conn *conn);
static bool step_linger(struct conn *conn);
static bool step_none(struct conn *conn);
static void late_close(struct conn *conn);
static void late_refuse(struct conn *conn);
static void late_none(struct conn *conn);

static const struct {
	bool (*step)(struct conn *conn);
	void (*late)(struct conn *conn);
	unsigned char lifeboat;
	uint32_t events;
} states[CONN_STATES] = {
#define X(state, step, late, lifeboat, events) {step, late, LIFEBOAT_##lifeboat, events},
#include "http/states.def"
#undef X
};

/*
 * The parent reads the lifeboat after our death, whenever that is: the byte must change before the
 * first byte of a request is read (IDLE is for our successor, who would miss it) and before the
 * first byte of a reply leaves, in the program's order too.
 */
static void set_lifeboat(struct conn *conn)
{
	unsigned char state = conn->transport.tls ? LIFEBOAT_CLOSED : states[conn->state].lifeboat;

	if (state == LIFEBOAT_IDLE && conn->in.data)
		state = LIFEBOAT_WAITING;
	if (conn->server->lifeboat)
		__atomic_store_n(&conn->server->lifeboat[conn->place], state, __ATOMIC_SEQ_CST);
}

void conn_set_state(struct conn *conn, enum conn_state state)
{
	list_remove(&conn->server->connections[conn->state], &conn->node);
	list_push_back(&conn->server->connections[state], &conn->node);
	conn->state = state;
	conn->transport.want = 0;
	set_lifeboat(conn);
}

/* --- turns --- */

static void conn_free(struct conn *conn)
{
	list_remove(&conn->server->connections[conn->state], &conn->node);
	free(conn);
}

static void wait_for_events(struct conn *conn)
{
	uint32_t events = conn->transport.want ? conn->transport.want : states[conn->state].events;

	if (conn->state == CONN_SOCKET) /* both directions at once */
		events = conn->transport.want | socket_events(conn);
	else if (conn->state == CONN_STREAM)
		events = conn->transport.want | stream_events(conn) | take_events(conn);
	else if (conn->state == CONN_TAKE && take_events(conn))
		events = conn->transport.want | take_events(conn);
	loop_modify(conn->server->loop, &conn->watch, events);
}

void conn_have_turn(struct conn *conn)
{
	conn->in_turn = true;
	while (states[conn->state].step(conn))
		;
	conn->in_turn = false;
	if (conn->state == CONN_GONE)
		conn_free(conn);
	else
		wait_for_events(conn);
}

static void on_turn(struct timer *timer)
{
	struct conn *conn = container_of(timer, struct conn, timer);

	conn_set_deadline(conn, clock_now_ns(), conn->server->config.idle_time_ms);
	conn_have_turn(conn);
}

static void on_late(struct timer *timer)
{
	struct conn *conn = container_of(timer, struct conn, timer);

	conn->in_turn = true;
	states[conn->state].late(conn);
	conn_have_turn(conn);
}

/* The handler has the request, and is told when its client goes. */
static bool is_handled(const struct conn *conn)
{
	return conn->state == CONN_WAIT || conn->state == CONN_STREAM || conn->state == CONN_TAKE ||
	       (conn->state == CONN_CONTINUE && conn->request->taking.taker);
}

/*
 * With a handler a half-closed connection counts as gone: no HTTP client of note shuts down its sending
 * side and then waits, and the kernel says nothing else when the client's process has died. What
 * was asked for is not run for nobody. Everywhere else the end of the stream is met by reading.
 */
static void on_event(struct watch *watch, uint32_t events)
{
	struct conn *conn = container_of(watch, struct conn, watch);

	conn->in_turn = true;
	conn->readable = true;
	if (events & (EPOLLERR | EPOLLHUP) || (is_handled(conn) && events & EPOLLRDHUP))
		conn_close(conn);
	conn_have_turn(conn);
}

void conn_settle(struct conn *conn)
{
	if (conn->in_turn)
		return;
	if (conn->state == CONN_GONE) {
		conn_free(conn);
		return;
	}
	wait_for_events(conn);
	/* Requests sent ahead: handled from the loop, so that http_reply calls no handler. */
	if (conn->state == CONN_IDLE &&
	    (conn_unused(conn).len || transport_has_pending(&conn->transport)))
		loop_timer_set(conn->server->loop, &conn->timer, 0, on_turn);
}

void conn_set_deadline(struct conn *conn, uint64_t from_ns, uint64_t time_ms)
{
	loop_timer_set(conn->server->loop, &conn->timer, from_ns + time_ms * NS_PER_MS, on_late);
}

/* --- birth and end --- */

static void conn_begin(struct conn *conn)
{
	struct http_server *server = conn->server;

	conn->state = conn->transport.tls ? CONN_HANDSHAKE : CONN_IDLE;
	list_push_back(&server->connections[conn->state], &conn->node);
	conn->place = server->free_places[--server->free_place_count];
	set_lifeboat(conn);
	server->counters.accepted++;
	server->counters.open++;
	if (server->callbacks.on_hold)
		server->callbacks.on_hold(conn->place, conn->transport.fd, server->ctx);
	conn_set_deadline(conn, clock_now_ns(), server->config.header_time_ms);
}

void conn_open(struct http_server *server, int fd, struct peer *peer, struct ssl_ctx_st *tls)
{
	struct conn *conn = calloc(1, sizeof(*conn));

	if (!conn || transport_init(&conn->transport, fd, tls) < 0)
		goto failed;
	if (loop_add(server->loop, &conn->watch, fd, EPOLLIN, on_event) < 0)
		goto failed;
	conn->server = server;
	conn->peer = peer;
	conn_begin(conn);
	return;
failed:
	if (conn)
		transport_finish(&conn->transport);
	free(conn);
	peers_leave(server->peers, peer);
	fd_close(fd);
	server->counters.refused++;
}

static void release_window(struct conn *conn)
{
	struct http_server *server = conn->server;

	if (server->spare)
		free(conn->in.data);
	else
		server->spare = conn->in.data;
	conn->in = (struct window){0};
}

/*
 * The parent holds a copy of the socket, so closing ours would not end the connection: shutdown(2)
 * works on the socket itself.
 */
static void release_socket(struct conn *conn)
{
	struct http_server *server = conn->server;

	loop_timer_cancel(server->loop, &conn->timer);
	loop_remove(server->loop, &conn->watch);
	transport_finish(&conn->transport);
	shutdown(conn->transport.fd, SHUT_RDWR);
	if (server->callbacks.on_release)
		server->callbacks.on_release(conn->place, server->ctx);
	fd_close(conn->transport.fd);
	server->free_places[server->free_place_count++] = conn->place;
	peers_leave(server->peers, conn->peer);
	server->counters.open--;
}

void conn_close(struct conn *conn)
{
	bool handled = is_handled(conn);

	if (conn->state == CONN_GONE)
		return;
	conn_set_state(conn, CONN_GONE);
	release_socket(conn);
	release_window(conn);
	reply_drop(conn);
	if (handled && conn->request->public.on_gone)
		conn->request->public.on_gone(&conn->request->public);
	request_free(conn);
	socket_free(conn);
	conn_settle(conn);
}

/* --- reading --- */

static bool lend_window(struct conn *conn)
{
	if (conn->in.data)
		return true;
	conn->in.data =
	    conn->server->spare ? steal_pointer(conn->server->spare) : malloc(HTTP_READ_BYTES);
	return conn->in.data != NULL;
}

/* What is unused moves to the front, so that a whole head always fits. */
static void compact_window(struct conn *conn)
{
	struct slice unused = conn_unused(conn);

	if (conn->in.at == 0)
		return;
	memmove(conn->in.data, unused.data, unused.len);
	conn->in.at = 0;
	conn->in.len = unused.len;
}

bool conn_fill(struct conn *conn)
{
	if (!conn->readable)
		return false;
	if (!lend_window(conn)) {
		conn_close(conn);
		return false;
	}
	compact_window(conn);
	set_lifeboat(conn);
	ssize_t got = transport_read(&conn->transport, conn->in.data + conn->in.len,
				     HTTP_READ_BYTES - conn->in.len);
	/* One read a turn: a fast sender must not keep the others waiting; epoll comes back. */
	conn->readable = transport_has_pending(&conn->transport);
	if (got > 0) {
		conn->in.len += (size_t)got;
		conn->server->counters.bytes_in += (uint64_t)got;
		return true;
	}
	if (conn->in.len == 0)
		release_window(conn);
	set_lifeboat(conn);
	if (got != -ERR_AGAIN)
		conn_close(conn);
	return false;
}

void conn_use(struct conn *conn, size_t bytes)
{
	conn->in.at += bytes;
	if (conn->in.at == conn->in.len)
		release_window(conn);
}

/* --- steps and deadlines that belong to no request --- */

static bool step_none(struct conn *conn _unused_)
{
	return false;
}

static bool step_handshake(struct conn *conn)
{
	int rc = transport_handshake(&conn->transport);

	if (rc == -ERR_AGAIN)
		return false;
	if (rc < 0)
		conn_close(conn);
	else
		conn_set_state(conn, CONN_IDLE);
	return rc == 0;
}

/* Reads the socket below TLS: what still comes is of no interest to anybody. One read a turn. */
static bool step_linger(struct conn *conn)
{
	static char nowhere[HTTP_READ_BYTES];
	ssize_t got = recv(conn->transport.fd, nowhere, sizeof(nowhere), MSG_DONTWAIT);

	if (got > 0)
		conn->lingered_bytes += (uint64_t)got;
	if (got == 0 || conn->lingered_bytes > HTTP_LINGER_BYTES_MAX)
		conn_close(conn);
	return false;
}

static void late_none(struct conn *conn _unused_)
{
}

static void late_close(struct conn *conn)
{
	conn_close(conn);
}

static void late_refuse(struct conn *conn)
{
	reply_refuse(conn, ERR_REQUEST_TIMEOUT, NULL);
}

/*
 * A client that takes nothing of its reply: without the reset the kernel would keep the unsent
 * bytes, and try to send them, for minutes after the close.
 */
void late_abort(struct conn *conn)
{
	struct linger reset = {.l_onoff = 1, .l_linger = 0};

	conn->server->counters.timeouts++;
	setsockopt(conn->transport.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	conn_close(conn);
}
