/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/fd.h"
#include "http/connection.h"

/* --- the server --- */

static void init_lists(struct http_server *server)
{
	list_init(&server->listeners);
	for (unsigned i = 0; i < CONN_STATES; i++)
		list_init(&server->connections[i]);
}

/* The lowest place is handed out first. */
static bool make_places(struct http_server *server, uint64_t count)
{
	server->free_places = malloc((size_t)count * sizeof(*server->free_places));
	if (!server->free_places)
		return false;
	while (server->free_place_count < count) {
		server->free_places[server->free_place_count] =
		    (unsigned)(count - 1 - server->free_place_count);
		server->free_place_count++;
	}
	return true;
}

struct http_server *http_server_create(struct loop *loop, const struct http_config *config,
				       const struct http_callbacks *callbacks, void *ctx,
				       unsigned char *lifeboat)
{
	struct http_server *server = calloc(1, sizeof(*server));

	if (!server)
		return NULL;
	server->loop = loop;
	server->config = *config;
	server->callbacks = *callbacks;
	server->ctx = ctx;
	server->lifeboat = lifeboat;
	server->body_bytes_max = MAX_OF(HTTP_BODIES_BYTES_MAX, config->body_bytes_max);
	init_lists(server);
	buf_init(&server->head, HTTP_REPLY_HEAD_BYTES_MAX);
	buf_init(&server->taken, HTTP_TAKEN_READ_BYTES);
	server->peers = peers_create(config->connections_max, config->connections_max_per_ip);
	if (!server->peers || !make_places(server, config->connections_max)) {
		http_server_destroy(server);
		return NULL;
	}
	return server;
}

static void close_listener(struct listener *listener)
{
	struct http_server *server = listener->server;

	list_remove(&server->listeners, &listener->node);
	loop_timer_cancel(server->loop, &listener->timer);
	loop_remove(server->loop, &listener->watch);
	fd_close(listener->watch.fd);
	free(listener);
}

static void close_all(struct http_server *server, enum conn_state state)
{
	struct list_node *node;

	while ((node = list_first(&server->connections[state])))
		conn_close(list_entry(node, struct conn, node));
}

static void close_listeners(struct http_server *server)
{
	struct list_node *node;

	while ((node = list_first(&server->listeners)))
		close_listener(list_entry(node, struct listener, node));
}

void http_server_destroy(struct http_server *server)
{
	if (!server)
		return;
	close_listeners(server);
	for (unsigned state = 0; state < CONN_GONE; state++)
		close_all(server, state);
	peers_destroy(server->peers);
	free(server->free_places);
	free(server->spare);
	buf_finish(&server->head);
	buf_finish(&server->taken);
	free(server);
}

void http_server_drain(struct http_server *server)
{
	server->draining = true;
	close_listeners(server);
	close_all(server, CONN_HANDSHAKE);
	close_all(server, CONN_IDLE);
}

unsigned http_server_pending(const struct http_server *server)
{
	static const enum conn_state states[] = {CONN_TAKE, CONN_WAIT, CONN_REPLY, CONN_STREAM, CONN_SOCKET};
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		count += server->connections[states[i]].len;
	return (unsigned)count;
}

const struct http_counters *http_server_counters(const struct http_server *server)
{
	return &server->counters;
}

/* --- taking connections --- */

static void take_connection(struct http_server *server, int fd,
			    const struct sockaddr_storage *address, struct ssl_ctx_st *tls)
{
	struct peer *peer;

	if (!server->free_place_count || peers_enter(server->peers, address, &peer) < 0) {
		server->counters.refused++;
		fd_close(fd);
		return;
	}
	conn_open(server, fd, peer, tls);
}

static void on_pause_over(struct timer *timer)
{
	struct listener *listener = container_of(timer, struct listener, timer);

	loop_modify(listener->server->loop, &listener->watch, EPOLLIN);
}

/*
 * accept(2): out of descriptors or memory, the connection stays in the backlog and the socket
 * readable; without a pause the loop would spin. All other errors concern one connection, which is
 * gone.
 */
static bool is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void accept_failed(struct listener *listener, int error)
{
	struct loop *loop = listener->server->loop;

	if (!is_shortage(error))
		return;
	loop_modify(loop, &listener->watch, 0);
	loop_timer_set(loop, &listener->timer, clock_now_ns() + HTTP_ACCEPT_PAUSE_MS * NS_PER_MS,
		       on_pause_over);
}

static void on_listening(struct watch *watch, uint32_t events _unused_)
{
	struct listener *listener = container_of(watch, struct listener, watch);

	for (unsigned i = 0; i < HTTP_ACCEPT_BATCH; i++) {
		struct sockaddr_storage address = {0};
		socklen_t len = sizeof(address);
		int fd = accept4(watch->fd, (struct sockaddr *)&address, &len,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0) {
			accept_failed(listener, errno);
			return;
		}
		take_connection(listener->server, fd, &address, listener->tls);
	}
}

/*
 * Set on a listening socket, its connections have them from birth (tcp(7) does not promise it,
 * Linux copies the socket). Other families refuse them, which is fine. NODELAY: a reply is one
 * write and must not wait for an acknowledgement. KEEPALIVE: a run whose client lost power ends
 * some day.
 */
static void set_options(int fd)
{
	static const struct {
		int level, name, value;
	} options[] = {
	    {IPPROTO_TCP, TCP_NODELAY, 1},
	    {SOL_SOCKET, SO_KEEPALIVE, 1},
	    {IPPROTO_TCP, TCP_KEEPIDLE, HTTP_TCP_IDLE_S},
	    {IPPROTO_TCP, TCP_KEEPINTVL, HTTP_TCP_INTERVAL_S},
	    {IPPROTO_TCP, TCP_KEEPCNT, HTTP_TCP_COUNT},
	};

	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof(int));
}

static int listen_on(struct http_server *server, int fd, struct ssl_ctx_st *tls)
{
	struct listener *listener = calloc(1, sizeof(*listener));

	if (!listener)
		return -ERR_IO;
	if (loop_add(server->loop, &listener->watch, fd, EPOLLIN, on_listening) < 0) {
		free(listener);
		return -ERR_IO;
	}
	listener->server = server;
	listener->tls = tls;
	list_push_back(&server->listeners, &listener->node);
	return 0;
}

int http_server_listen(struct http_server *server, int fd, bool connected, struct ssl_ctx_st *tls)
{
	struct sockaddr_storage address = {0};
	socklen_t len = sizeof(address);

	set_options(fd);
	if (fd_set_nonblock(fd) < 0) {
		fd_close(fd);
		return -ERR_IO;
	}
	if (connected) {
		getpeername(fd, (struct sockaddr *)&address, &len);
		take_connection(server, fd, &address, tls);
		return 0;
	}
	int rc = listen_on(server, fd, tls);
	if (rc < 0)
		fd_close(fd);
	return rc;
}

/* --- requests --- */

struct slice http_request_header(const struct http_request *request, const char *name)
{
	for (size_t i = 0; i < request->header_count; i++)
		if (header_text_is(request->headers[i].name, slice_from(name)))
			return request->headers[i].value;
	return (struct slice){0};
}
