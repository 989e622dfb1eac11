/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fetcher: brings files of the package indexes that the operator allows (python_index_url,
 * npm_registry_url), for packages that are then put together in a jail. Started if there is such a
 * setting.
 *
 * sandglass-fetcher CONFIG, descriptor 3: the channel to the parent.
 *
 * The front says what is wanted, in the words of a program in a jail. This process asks for nothing
 * that is not below the operator's URLs (base/urls.h), sends nothing but GET, follows no
 * redirection, has no keys and no database, and no file but copies of those that servers and
 * certificates are found with. It is not the courier, which speaks to whomever callers name: what
 * they do to that one must not reach anybody's packages.
 *
 * One file at a time: requests wait in the channel. A front that has gone ends the one under way.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/fd.h"
#include "base/log.h"
#include "config/config.h"
#include "base/urls.h"
#include "event/loop.h"
#include "ipc/channel.h"
#include "ipc/document.h"
#include "role/role.h"

#define EXIT_USAGE 64 /* sysexits.h: EX_USAGE */
#define TIME_MS	   30000l
#define CONNECT_MS 10000l
#define SLOW_BYTES 1024l /* a second, ... */
#define SLOW_S	   10l	 /* ... for so long: given up */

struct fetcher {
	struct loop *loop;
	struct channel parent, front;
	char *lists[2]; /* of URLs */
	CURL *easy;
	const char *ca_file;
};

static struct fetcher self = {.parent.fd = -1, .front.fd = -1};

/* What names are found with, and where distributions have the certificates of authorities. */
static const char *const copies[] = {
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/host.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    NULL,
};

static const char *find_ca_file(void)
{
	for (size_t i = 0; copies[i]; i++)
		if ((strstr(copies[i], "/ssl/") || strstr(copies[i], "/tls/")) &&
		    access(copies[i], R_OK) == 0)
			return copies[i];
	return NULL;
}

/* --- one file --- */

static size_t take(char *data, size_t size, size_t count, void *ctx)
{
	return buf_append(ctx, data, size * count) < 0 ? 0 : size * count;
}

/* Called about once a second, and whenever something comes: nobody may be waiting any more. */
static int front_has_gone(void *ctx _unused_, curl_off_t a _unused_, curl_off_t b _unused_,
			  curl_off_t c _unused_, curl_off_t d _unused_)
{
	struct pollfd poll_fd = {.fd = self.front.fd, .events = 0};

	return poll(&poll_fd, 1, 0) > 0 && (poll_fd.revents & (POLLHUP | POLLERR));
}

static void set_rules(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0l);
	curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1l);
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS,
			 1l); /* what was looked at is what is asked for */
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1l);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, TIME_MS);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, SLOW_S);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "sandglass");
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, front_has_gone);
	curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0l);
	if (self.ca_file)
		curl_easy_setopt(easy, CURLOPT_CAINFO, self.ca_file);
}

/* The status, or 0; *out is what came with 200. */
static uint32_t get(const char *url, const char *accept, struct buf *out)
{
	struct curl_slist *headers = curl_slist_append(NULL, accept);
	long status = 0;

	if (!headers)
		return 0;
	curl_easy_reset(self.easy);
	set_rules(self.easy);
	curl_easy_setopt(self.easy, CURLOPT_URL, url);
	curl_easy_setopt(self.easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(self.easy, CURLOPT_WRITEDATA, out);
	CURLcode code = curl_easy_perform(self.easy);
	curl_easy_getinfo(self.easy, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	if (code != CURLE_OK) {
		log_at(LOG_WARN, "fetch_failed", "text=\"%s\"", curl_easy_strerror(code));
		status = 0;
	}
	if (status != 200)
		buf_clear(out);
	return (uint32_t)status;
}

static bool is_allowed(struct slice url)
{
	for (size_t i = 0; i < ARRAY_LEN(self.lists); i++)
		if (urls_allow(self.lists[i], url))
			return true;
	return false;
}

/* The URL and the header of a request: the text is cut. NULL: it is not as it should be. */
static const char *read_url(struct buf *text, char header[static FETCH_TEXT_MAX])
{
	char *url = (char *)buf_c_str(text), *end = url ? strchr(url, '\n') : NULL;
	size_t accept = end ? strcspn(end + 1, "\r\n") : 0;

	if (!end || !is_allowed((struct slice){url, (size_t)(end - url)}))
		return NULL;
	*end = '\0';
	snprintf(header, FETCH_TEXT_MAX, "Accept: %.*s", (int)accept, end + 1);
	return url;
}

static void on_fetch(struct channel *channel _unused_, struct message *message)
{
	const struct msg_fetch *ask = message->body;
	struct msg_fetched answer = {.number = ask->number};
	_close_ int fd = msg_take_fd(message, 0);
	_buf_finish_ struct buf text, bytes;
	char header[FETCH_TEXT_MAX];

	buf_init(&text, 2 * FETCH_TEXT_MAX);
	buf_init(&bytes, FETCH_BYTES_MAX);
	const char *url =
	    document_read(fd, FETCH_TEXT_MAX, &text) == 0 ? read_url(&text, header) : NULL;
	if (url)
		answer.status = get(url, header, &bytes);
	int out = bytes.len ? fd_sealed_copy("fetched", bytes.data, bytes.len) : -1;
	channel_send(&self.front, MSG_FRONT_FETCHED, &answer, &out, out >= 0);
}

/* --- peers --- */

static const message_fn front_handlers[MSG_COUNT] = {
    [MSG_FETCHER_FETCH] = on_fetch,
};

static void on_front_closed(struct channel *channel _unused_)
{
}

static void on_connect(struct channel *channel _unused_, struct message *message)
{
	const struct msg_connect *connect = message->body;

	if (connect->role != ROLE_FRONT)
		fatal("bad_peer", "role=%u", connect->role);
	channel_close(&self.front);
	if (channel_open(&self.front, self.loop, msg_take_fd(message, 0), ROLE_FETCHER, ROLE_FRONT,
			 front_handlers, on_front_closed) < 0)
		fatal("front_channel", "errno=%d", errno);
}

static void on_drain(struct channel *channel _unused_, struct message *message _unused_)
{
	loop_stop(self.loop);
}

static const message_fn parent_handlers[MSG_COUNT] = {
    [MSG_ANY_CONNECT] = on_connect,
    [MSG_ANY_DRAIN] = on_drain,
};

static void on_parent_closed(struct channel *channel _unused_)
{
	loop_stop(self.loop);
}

/* --- start --- */

static void load(const char *config_path, struct config *config)
{
	struct err err = {0};

	if (config_load(config, config_path, &err) < 0)
		role_refuse_config("config", &err);
	role_set_log_level("fetcher", config->log_level);
	self.lists[0] = strdup(config->python_index_url);
	self.lists[1] = strdup(config->npm_registry_url);
	if (!self.lists[0] || !self.lists[1])
		fatal("no_memory", "what=urls");
	self.ca_file = find_ca_file();
}

int main(int argc, char **argv)
{
	const struct msg_empty ready = {0};
	struct config config;

	log_init("fetcher", LOG_INFO);
	if (argc != 2) {
		fprintf(stderr, "usage: sandglass-fetcher CONFIG (started by sandglassd)\n");
		return EXIT_USAGE;
	}
	role_ignore_signals();
	load(argv[1], &config);
	self.loop = loop_create();
	if (!self.loop || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    !(self.easy = curl_easy_init()))
		fatal("no_memory", "what=curl");
	role_confine(ROLE_FETCHER, &config, NULL, copies);
	config_finish(&config);
	if (channel_open(&self.parent, self.loop, ROLE_PARENT_FD, ROLE_FETCHER, ROLE_PARENT,
			 parent_handlers, on_parent_closed) < 0)
		fatal("parent_channel", "errno=%d", errno);
	channel_send(&self.parent, MSG_PARENT_READY, &ready, NULL, 0);
	return loop_run(self.loop) < 0;
}
