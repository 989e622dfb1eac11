/* SPDX-License-Identifier: Apache-2.0 */
/* Many transfers of libcurl on our loop: curl_multi_socket_action(3). */
#define _GNU_SOURCE
#include "courier/parcel.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <curl/curl.h>

#define ANSWER_BYTES_MAX (64 * 1024l)
#define CONNECT_PART	 2 /* of the whole time, to connect */

struct courier {
	struct loop *loop;
	const struct courier_config *config;
	CURLM *multi;
	struct timer timer;
	unsigned pending;
};

/* curl's sockets have one each; it is the watch's memory too. */
struct socket_watch {
	struct watch watch;
	struct courier *courier;
};

struct parcel {
	struct courier *courier;
	uint64_t number;
	CURL *easy;
	struct curl_slist *headers;
	char *text; /* owned: the URL, the headers and the body are in it */
	const char *body;
	size_t body_bytes;
	long answer_bytes;
	bool refused; /* the guard has, at least once */
	char reason[CURL_ERROR_SIZE];
};

/* --- the end --- */

static void destroy(struct parcel *parcel)
{
	curl_easy_cleanup(parcel->easy);
	curl_slist_free_all(parcel->headers);
	free(parcel->text);
	free(parcel);
}

static void tell(struct parcel *parcel, enum delivery outcome, long status, const char *text)
{
	struct msg_delivered msg;

	memset(&msg, 0, sizeof(msg));
	msg.number = parcel->number;
	msg.outcome = outcome;
	msg.status = (uint32_t)status;
	snprintf(msg.text, sizeof(msg.text), "%.*s", MSG_TEXT_BYTES - 1, text);
	parcel->courier->config->on_delivered(&msg);
}

/* An answer is one when its status has come, whatever becomes of the rest. */
static void finish(struct parcel *parcel, CURLcode code)
{
	long status = 0;

	curl_easy_getinfo(parcel->easy, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && status))
		tell(parcel, DELIVERY_ANSWERED, status, "");
	else if (parcel->refused)
		tell(parcel, DELIVERY_REFUSED, 0, "The address is an inner one.");
	else
		tell(parcel, DELIVERY_FAILED, 0,
		     parcel->reason[0] ? parcel->reason : curl_easy_strerror(code));
	parcel->courier->pending--;
	curl_multi_remove_handle(parcel->courier->multi, parcel->easy);
	destroy(parcel);
}

static void collect(struct courier *courier)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(courier->multi, &left))) {
		struct parcel *parcel = NULL;
		if (msg->msg != CURLMSG_DONE)
			continue;
		CURLcode code = msg->data.result;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &parcel);
		finish(parcel, code);
	}
}

/* --- curl on our loop --- */

static void act(struct courier *courier, curl_socket_t fd, int events)
{
	int running;

	curl_multi_socket_action(courier->multi, fd, events, &running);
	collect(courier);
}

static void on_timer(struct timer *timer)
{
	act(container_of(timer, struct courier, timer), CURL_SOCKET_TIMEOUT, 0);
}

/* Not from inside: curl may be in the middle of something. */
static int set_timer(CURLM *multi _unused_, long after_ms, void *ctx)
{
	struct courier *courier = ctx;

	if (after_ms < 0)
		loop_timer_cancel(courier->loop, &courier->timer);
	else
		loop_timer_set(courier->loop, &courier->timer,
			       clock_now_ns() + (uint64_t)after_ms * NS_PER_MS, on_timer);
	return 0;
}

static void on_socket(struct watch *watch, uint32_t events)
{
	struct socket_watch *socket = container_of(watch, struct socket_watch, watch);
	int what = (events & EPOLLIN ? CURL_CSELECT_IN : 0) |
		   (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
		   (events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);

	act(socket->courier, watch->fd, what);
}

static void unwatch(struct courier *courier, struct socket_watch *socket)
{
	if (!socket)
		return;
	loop_remove(courier->loop, &socket->watch);
	free(socket);
}

static int watch_socket(CURL *easy _unused_, curl_socket_t fd, int what, void *ctx,
			void *socket_ctx)
{
	struct courier *courier = ctx;
	struct socket_watch *socket = socket_ctx;
	uint32_t events =
	    (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);

	if (what == CURL_POLL_REMOVE) {
		unwatch(courier, socket);
		return 0;
	}
	if (socket) {
		loop_modify(courier->loop, &socket->watch, events);
		return 0;
	}
	socket = calloc(1, sizeof(*socket));
	if (!socket)
		return -1;
	socket->courier = courier;
	if (loop_add(courier->loop, &socket->watch, fd, events, on_socket) < 0) {
		free(socket);
		return -1;
	}
	curl_multi_assign(courier->multi, fd, socket);
	return 0;
}

struct courier *courier_create(struct loop *loop, const struct courier_config *config)
{
	struct courier *courier = calloc(1, sizeof(*courier));

	if (!courier)
		return NULL;
	courier->loop = loop;
	courier->config = config;
	courier->multi = curl_multi_init();
	if (!courier->multi) {
		free(courier);
		return NULL;
	}
	curl_multi_setopt(courier->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(courier->multi, CURLMOPT_SOCKETDATA, courier);
	curl_multi_setopt(courier->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(courier->multi, CURLMOPT_TIMERDATA, courier);
	return courier;
}

/* --- one request --- */

/*
 * The guard. curl calls this with the address that it is about to connect to: after names and all
 * ways of writing numbers have become an address, and again for every other one that it tries.
 */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct parcel *parcel = ctx;

	if (purpose != CURLSOCKTYPE_IPCXN ||
	    !address_allowed(&parcel->courier->config->exceptions, &address->addr)) {
		parcel->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t take_answer(char *data _unused_, size_t size, size_t count, void *ctx)
{
	struct parcel *parcel = ctx;

	parcel->answer_bytes += (long)(size * count);
	return parcel->answer_bytes > ANSWER_BYTES_MAX ? 0 : size * count;
}

/* All that could lead elsewhere, wait longer, or tell more than is meant is off. */
static void set_rules(struct parcel *parcel)
{
	const struct courier_config *config = parcel->courier->config;
	const long time_ms = (long)config->time_ms;
	CURL *easy = parcel->easy;

	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0l);
	curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1l);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, parcel);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1l);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1l);
	curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0l);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1l);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, time_ms);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, time_ms / CONNECT_PART);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, parcel);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, parcel->reason);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, parcel);
	if (config->ca_file)
		curl_easy_setopt(easy, CURLOPT_CAINFO, config->ca_file);
}

static char *next_line(char **at)
{
	char *line = *at, *end = line ? strchr(line, '\n') : NULL;

	if (!end)
		return NULL;
	*end = '\0';
	*at = end + 1;
	return line;
}

/* The URL, headers, an empty line, the body. */
static bool fill(struct parcel *parcel, size_t len)
{
	char *at = parcel->text, *url = next_line(&at), *line;

	if (!url || curl_easy_setopt(parcel->easy, CURLOPT_URL, url) != CURLE_OK)
		return false;
	while ((line = next_line(&at)) && *line) {
		struct curl_slist *list = curl_slist_append(parcel->headers, line);
		if (!list)
			return false;
		parcel->headers = list;
	}
	if (!line)
		return false;
	parcel->body = at;
	parcel->body_bytes = len - (size_t)(at - parcel->text);
	curl_easy_setopt(parcel->easy, CURLOPT_HTTPHEADER, parcel->headers);
	curl_easy_setopt(parcel->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)parcel->body_bytes);
	curl_easy_setopt(parcel->easy, CURLOPT_POSTFIELDS, parcel->body);
	return true;
}

static struct parcel *make(struct courier *courier, uint64_t number, struct slice text)
{
	struct parcel *parcel = calloc(1, sizeof(*parcel));

	if (!parcel)
		return NULL;
	parcel->courier = courier;
	parcel->number = number;
	parcel->easy = curl_easy_init();
	parcel->text = malloc(text.len + 1);
	if (parcel->easy && parcel->text) {
		memcpy(parcel->text, text.data, text.len);
		parcel->text[text.len] = '\0';
		set_rules(parcel);
		if (fill(parcel, text.len))
			return parcel;
	}
	destroy(parcel);
	return NULL;
}

void courier_send(struct courier *courier, uint64_t number, struct slice text)
{
	struct parcel *parcel = make(courier, number, text);

	if (parcel && curl_multi_add_handle(courier->multi, parcel->easy) == CURLM_OK) {
		courier->pending++;
		return;
	}
	struct parcel nothing = {.courier = courier, .number = number};
	tell(&nothing, DELIVERY_FAILED, 0, "It could not be sent.");
	if (parcel)
		destroy(parcel);
}

unsigned courier_pending(const struct courier *courier)
{
	return courier->pending;
}
