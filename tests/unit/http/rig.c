/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "tests/unit/http/rig.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "tests/unit/unit.h"

const struct http_config rig_config = {
    .connections_max = RIG_PLACES,
    .connections_max_per_ip = RIG_PLACES,
    .header_time_ms = 10000,
    .body_time_ms = 10000,
    .body_rate_bytes = 1000,
    .idle_time_ms = 10000,
    .write_time_ms = 10000,
    .body_bytes_max = 1024 * 1024,
};

/* --- the handler --- */

static void reply_text(struct http_request *request, int status, struct slice text, bool close)
{
	struct http_reply reply = {
	    .status = status, .content_type = "text/plain", .body = text, .close = close};

	http_reply(request, &reply);
}

static void do_echo(struct http_request *request)
{
	static const char *const names[] = {"GET",    "HEAD",	 "POST",  "PUT",
					    "DELETE", "OPTIONS", "PATCH", "OTHER"};
	char *text =
	    arena_printf(request->arena, "%s %.*s?%.*s %.*s", names[request->method],
			 (int)request->path.len, request->path.data, (int)request->query.len,
			 request->query.data ? request->query.data : "", (int)request->body.len,
			 request->body.data ? request->body.data : "");

	reply_text(request, 200, slice_from(text), false);
}

static size_t number_of(struct slice text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n = n * 10 + (size_t)(text.data[i] - '0');
	return n;
}

static void do_big(struct http_request *request)
{
	size_t bytes = number_of(request->query);
	char *text = malloc(bytes);

	memset(text, 'x', bytes);
	reply_text(request, 200, (struct slice){text, bytes}, false);
	free(text);
}

static void do_owned(struct http_request *request)
{
	size_t bytes = number_of(request->query);
	struct buf body;
	struct http_reply reply = {
	    .status = 200, .content_type = "text/plain", .body_owned = &body};

	buf_init(&body, bytes);
	if (bytes)
		memset(buf_reserve(&body, bytes), 'y', bytes);
	body.len = bytes;
	http_reply(request, &reply);
	assert_null(body.data);
	assert_int_equal(body.len, 0);
}

static void do_moved(struct http_request *request)
{
	char *to = arena_copy(request->arena, request->query.data, request->query.len);
	size_t len = 0;

	for (size_t i = 0; i < request->query.len; i++, len++) {
		unsigned byte;
		if (to[i] == '%' && sscanf(to + i + 1, "%2x", &byte) == 1) {
			to[len] = (char)byte;
			i += 2;
		} else {
			to[len] = to[i];
		}
	}
	struct http_header header = {slice_from("Location"), {to, len}};
	struct http_reply reply = {.status = 303, .headers = &header, .header_count = 1};
	http_reply(request, &reply);
}

static void do_empty(struct http_request *request)
{
	http_reply(request, &(struct http_reply){.status = 204});
}

static void do_bye(struct http_request *request)
{
	reply_text(request, 200, slice_from("bye"), true);
}

static void on_gone(struct http_request *request)
{
	struct rig *rig = request->owner;

	rig->gone++;
	for (unsigned i = 0; i < rig->waiting_count; i++)
		if (rig->waiting[i] == request)
			rig->waiting[i] = rig->waiting[--rig->waiting_count];
}

static void on_piece(struct http_request *request, struct slice data)
{
	assert_int_equal(buf_append(request->taker_ctx, data.data, data.len), 0);
}

static void on_taken(struct http_request *request, int code, const char *why)
{
	request->body = buf_slice(request->taker_ctx);
	if (code == 0)
		do_echo(request);
	else
		reply_text(request, err_status(code), slice_from(why), false);
}

static void on_taken_freed(void *ctx)
{
	buf_finish(ctx);
}

static void do_take(struct http_request *request, struct rig *rig)
{
	static const struct http_taker taker = {.on_data = on_piece, .on_end = on_taken};
	struct buf *body = arena_new(request->arena, struct buf);

	buf_init(body, 64 * MIB);
	rig->taken = request;
	request->owner = rig;
	request->taker_ctx = rig->taker ? (void *)rig : body;
	if (!rig->taker) {
		request->on_freed = on_taken_freed;
		request->freed_ctx = body;
	}
	http_take_body(request, rig->taker ? rig->taker : &taker);
	if (!rig->taker)
		http_hold_body(request, false);
}

static void on_head(struct http_request *request, void *ctx)
{
	assert_int_equal(request->body.len, 0);
	if (slice_equal(request->path, slice_from("/never")))
		reply_text(request, 401, slice_from("no"), false);
	else if (slice_equal(request->path, slice_from("/take")))
		do_take(request, ctx);
}

static void on_request(struct http_request *request, void *ctx)
{
	static const struct {
		const char *path;
		void (*reply)(struct http_request *request);
	} routes[] = {{"/echo", do_echo},   {"/take", do_echo}, {"/big", do_big},	  {"/owned", do_owned},
		      {"/moved", do_moved}, {"/empty", do_empty}, {"/bye", do_bye}};
	struct rig *rig = ctx;

	rig->requests++;
	assert_true(request->path.len > 0 && request->path.data[0] == '/');
	for (size_t i = 0; i < ARRAY_LEN(routes); i++)
		if (slice_equal(request->path, slice_from(routes[i].path))) {
			routes[i].reply(request);
			return;
		}
	if (!slice_equal(request->path, slice_from("/later"))) {
		reply_text(request, 404, slice_from("?"), false);
		return;
	}
	request->owner = rig;
	request->on_gone = on_gone;
	rig->waiting[rig->waiting_count++] = request;
}

static void error_body(struct buf *out, struct http_request *request _unused_, int code,
		       const char *text, void *ctx _unused_)
{
	buf_printf(out, "{\"error\":\"%s\",\"why\":\"%s\"}", err_name(code),
		   text ? text : err_default_text(code));
}

static void on_hold(unsigned place, int fd, void *ctx)
{
	struct rig *rig = ctx;

	assert_in_range(place, 0, RIG_PLACES - 1);
	assert_int_equal(rig->held[place], -1);
	rig->held[place] = fd;
	rig->holds++;
}

static void on_release(unsigned place, void *ctx)
{
	struct rig *rig = ctx;

	assert_true(rig->held[place] >= 0);
	assert_true(fcntl(rig->held[place], F_GETFD) >= 0);
	rig->held[place] = -1;
	rig->releases++;
}

/* --- the server --- */

void rig_start(struct rig *rig, const struct http_config *config)
{
	static const struct http_callbacks callbacks = {.on_head = on_head,
							.on_request = on_request,
							.error_body = error_body,
							.on_hold = on_hold,
							.on_release = on_release};

	*rig = (struct rig){.loop = loop_create()};
	memset(rig->held, -1, sizeof(rig->held));
	rig->server = http_server_create(rig->loop, config ? config : &rig_config, &callbacks, rig,
					 rig->lifeboat);
	assert_non_null(rig->server);
}

void rig_finish(struct rig *rig)
{
	http_server_destroy(rig->server);
	loop_destroy(rig->loop);
	assert_int_equal(rig->holds, rig->releases);
}

static struct loop *stepped;

static void stop(struct timer *timer _unused_)
{
	loop_stop(stepped);
}

void rig_step(struct rig *rig)
{
	struct timer timer = {0};

	stepped = rig->loop;
	loop_timer_set(rig->loop, &timer, 0, stop);
	assert_int_equal(loop_run(rig->loop), 0);
}

void rig_run_ms(struct rig *rig, unsigned ms)
{
	struct timer timer = {0};

	stepped = rig->loop;
	loop_timer_set(rig->loop, &timer, clock_now_ns() + ms * NS_PER_MS, stop);
	assert_int_equal(loop_run(rig->loop), 0);
}

/* --- clients --- */

void rig_connect(struct rig *rig, struct rig_client *client)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair),
			 0);
	*client = (struct rig_client){.fd = pair[0]};
	buf_init(&client->in, 64 * MIB);
	assert_int_equal(http_server_listen(rig->server, pair[1], true, NULL), 0);
}

void rig_client_finish(struct rig_client *client)
{
	client->fd = fd_close(client->fd);
	buf_finish(&client->in);
}

/* A server that has refused closes its end some day: what is left to send is then of no interest.
 */
void rig_send(struct rig *rig, struct rig_client *client, const void *data, size_t len)
{
	for (size_t at = 0; at < len;) {
		ssize_t sent = send(client->fd, (const char *)data + at, len - at, MSG_NOSIGNAL);
		if (sent > 0)
			at += (size_t)sent;
		else if (errno != EAGAIN)
			return;
		else
			rig_step(rig);
	}
}

void rig_send_text(struct rig *rig, struct rig_client *client, const char *text)
{
	rig_send(rig, client, text, strlen(text));
}

void rig_receive(struct rig_client *client)
{
	for (;;) {
		char *at = buf_reserve(&client->in, 65536);
		assert_non_null(at);
		ssize_t got = recv(client->fd, at, 65536, MSG_DONTWAIT);
		if (got > 0) {
			client->in.len += (size_t)got;
			continue;
		}
		client->closed |= got == 0;
		client->reset |= got < 0 && errno != EAGAIN;
		return;
	}
}

/* --- what came --- */

static size_t header_number(const char *head, const char *end, const char *name)
{
	const char *at = memmem(head, (size_t)(end - head), name, strlen(name));

	return at ? strtoul(at + strlen(name), NULL, 10) : 0;
}

/* One reply: its status, and how long it is in all; 0 if it is not complete. */
static size_t read_reply(const char *text, size_t len, bool no_bodies, int *ret_status)
{
	const char *end = memmem(text, len, "\r\n\r\n", 4);

	if (!end)
		return 0;
	end += 4;
	assert_memory_equal(text, "HTTP/1.1 ", 9);
	*ret_status = atoi(text + 9);
	size_t body = header_number(text, end, "\r\nContent-Length: ");
	if (*ret_status >= 200) {
		assert_non_null(memmem(text, (size_t)(end - text), "\r\nDate: ", 8));
		assert_int_equal(!memmem(text, (size_t)(end - text), "\r\nContent-Length: ", 18),
				 *ret_status == 204);
	}
	size_t total = (size_t)(end - text) + (no_bodies ? 0 : body);
	return total <= len ? total : 0;
}

const char *rig_outcome(struct rig_client *client, bool no_bodies)
{
	static char out[4096];
	size_t at = 0, used = 0, reply;
	int status;

	rig_receive(client);
	out[0] = '\0';
	while (
	    (reply = read_reply(client->in.data + at, client->in.len - at, no_bodies, &status))) {
		at += reply;
		used += (size_t)snprintf(out + used, sizeof(out) - used, "%s%d", used ? " " : "",
					 status);
		assert_in_range(used, 0, sizeof(out) - 16);
	}
	if (at != client->in.len)
		used +=
		    (size_t)snprintf(out + used, sizeof(out) - used, "%s+part", used ? " " : "");
	if (client->closed || client->reset)
		snprintf(out + used, sizeof(out) - used, "%s%s", used ? " " : "",
			 client->reset ? "reset" : "close");
	return out;
}

bool rig_reaches(struct rig *rig, struct rig_client *client, const char *outcome, bool no_bodies)
{
	static const struct timespec moment = {.tv_nsec = 1000000};

	for (int i = 0; i < 2050; i++) {
		if (strcmp(rig_outcome(client, no_bodies), outcome) == 0)
			break;
		rig_step(rig);
		if (i > 50)
			nanosleep(&moment, NULL);
	}
	rig_step(rig);
	return strcmp(rig_outcome(client, no_bodies), outcome) == 0;
}

void rig_expect(struct rig *rig, struct rig_client *client, const char *outcome)
{
	if (!rig_reaches(rig, client, outcome, false))
		assert_string_equal(rig_outcome(client, false), outcome);
}

bool rig_came(struct rig_client *client, const char *text)
{
	return client->in.len && memmem(client->in.data, client->in.len, text, strlen(text));
}
