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
 * redirection, has no database, and no file but copies of those that servers and certificates are
 * found with. What the operator has it tell an index (python_index_login, npm_registry_login) is
 * read before it gives up its rights, is sent to that index's own scheme, host and port, and is
 * nowhere else. It is not the courier, which speaks to whomever callers name: what
 * they do to that one must not reach anybody's packages.
 *
 * One file at a time: requests wait in the channel. A front that has gone ends the one under way.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/fd.h"
#include "base/log.h"
#include "config/config.h"
#include "base/urls.h"
#include "ipc/document.h"
#include "role/outward.h"
#include "role/role.h"

#define LOGIN_BYTES_MAX 4096

#define TIME_MS	   30000l
#define CONNECT_MS 10000l
#define SLOW_BYTES 1024l /* a second, ... */
#define SLOW_S	   10l	 /* ... for so long: given up */

/* What may be fetched, and who this server is there: user:password, a token, or NULL. */
struct source {
	char *urls, *login;
};

static void on_fetch(struct channel *channel, struct message *message);

static const message_fn front_handlers[MSG_COUNT] = {
    [MSG_FETCHER_FETCH] = on_fetch,
};

static struct {
	struct outward outward;
	struct source sources[2];
	CURL *easy;
	const char *ca_file;
} self = {.outward = {.role = ROLE_FETCHER, .front_handlers = front_handlers}};

/* --- one file --- */

static size_t take(char *data, size_t size, size_t count, void *ctx)
{
	return buf_append(ctx, data, size * count) < 0 ? 0 : size * count;
}

/* Called about once a second, and whenever something comes: nobody may be waiting any more. */
static int front_has_gone(void *ctx _unused_, curl_off_t a _unused_, curl_off_t b _unused_,
			  curl_off_t c _unused_, curl_off_t d _unused_)
{
	struct pollfd poll_fd = {.fd = self.outward.front.fd, .events = 0};

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

/* Only its own scheme, host and port: what else the operator has listed is somebody else. */
static void set_login(CURL *easy, const struct source *source, const char *url)
{
	struct slice origin = urls_origin(urls_first(source->urls));

	if (!source->login || !slice_begins(slice_from(url), origin))
		return;
	bool has_name = strchr(source->login, ':');
	curl_easy_setopt(easy, CURLOPT_HTTPAUTH,
			 (long)(has_name ? CURLAUTH_BASIC : CURLAUTH_BEARER));
	curl_easy_setopt(easy, has_name ? CURLOPT_USERPWD : CURLOPT_XOAUTH2_BEARER, source->login);
}

static uint32_t failure_of(CURLcode code)
{
	return code == CURLE_WRITE_ERROR	  ? FETCH_TOO_LARGE
	       : code == CURLE_OPERATION_TIMEDOUT ? FETCH_TOO_SLOW
						  : FETCH_UNREACHED;
}

/* The status, or enum fetch_failure; *out is what came with 200. */
static uint32_t get(const struct source *source, const char *url, const char *accept,
		    struct buf *out)
{
	struct curl_slist *headers = curl_slist_append(NULL, accept);
	long status = 0;

	if (!headers)
		return FETCH_UNREACHED;
	curl_easy_reset(self.easy);
	set_rules(self.easy);
	set_login(self.easy, source, url);
	curl_easy_setopt(self.easy, CURLOPT_URL, url);
	curl_easy_setopt(self.easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(self.easy, CURLOPT_WRITEDATA, out);
	CURLcode code = curl_easy_perform(self.easy);
	curl_easy_getinfo(self.easy, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	if (code != CURLE_OK) {
		log_at(LOG_WARN, "fetch_failed", "text=\"%s\"", curl_easy_strerror(code));
		status = failure_of(code);
	}
	if (status != 200)
		buf_clear(out);
	return (uint32_t)status;
}

static const struct source *source_of(struct slice url)
{
	for (size_t i = 0; i < ARRAY_LEN(self.sources); i++)
		if (urls_allow(self.sources[i].urls, url))
			return &self.sources[i];
	return NULL;
}

/* Where to get it, the URL and the header of a request: the text is cut. NULL: nowhere. */
static const struct source *read_ask(struct buf *text, const char **ret_url,
				     char header[static FETCH_TEXT_MAX])
{
	char *url = (char *)buf_c_str(text), *end = url ? strchr(url, '\n') : NULL;
	size_t accept = end ? strcspn(end + 1, "\r\n") : 0;
	const struct source *source =
	    end ? source_of((struct slice){url, (size_t)(end - url)}) : NULL;

	if (!source)
		return NULL;
	*end = '\0';
	snprintf(header, FETCH_TEXT_MAX, "Accept: %.*s", (int)accept, end + 1);
	*ret_url = url;
	return source;
}

static void on_fetch(struct channel *channel _unused_, struct message *message)
{
	const struct msg_fetch *ask = message->body;
	struct msg_fetched answer = {.number = ask->number, .status = FETCH_NOT_ALLOWED};
	_close_ int fd = msg_take_fd(message, 0);
	_buf_finish_ struct buf text, bytes;
	char header[FETCH_TEXT_MAX];
	const struct source *source = NULL;
	const char *url;

	buf_init(&text, 2 * FETCH_TEXT_MAX);
	buf_init(&bytes, FETCH_BYTES_MAX);
	if (document_read(fd, FETCH_TEXT_MAX, &text) == 0)
		source = read_ask(&text, &url, header);
	if (source)
		answer.status = get(source, url, header, &bytes);
	int out = bytes.len ? fd_sealed_copy("fetched", bytes.data, bytes.len) : -1;
	channel_send(&self.outward.front, MSG_FRONT_FETCHED, &answer, &out, out >= 0);
}

/* --- start --- */

/* The first line of a file that is nobody else's. NULL and *err: it is none. */
static char *read_login(const char *path, struct err *err)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	char line[LOGIN_BYTES_MAX];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		err_set(err, ERR_CONFIG, "%s cannot be read: errno %d.", path, errno);
		return NULL;
	}
	if (!S_ISREG(st.st_mode) || (st.st_mode & S_IRWXO)) {
		err_set(err, ERR_CONFIG, "%s must be a file that others have no right to.", path);
		return NULL;
	}
	ssize_t len = read(fd, line, sizeof(line) - 1);
	line[len < 0 ? 0 : len] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	if (!line[0])
		err_set(err, ERR_CONFIG, "%s has nothing in its first line.", path);
	char *login = line[0] ? strdup(line) : NULL;
	explicit_bzero(line, sizeof(line));
	return login;
}

static void add_source(struct source *source, const char *urls, const char *login_path)
{
	struct err err = {0};

	*source = (struct source){.urls = strdup(urls)};
	if (!source->urls)
		fatal("no_memory", "what=urls");
	if (*login_path && !(source->login = read_login(login_path, &err)))
		role_refuse_config("login", &err);
}

static void load(const char *config_path, struct config *config)
{
	struct err err = {0};

	if (config_load(config, config_path, &err) < 0)
		role_refuse_config("config", &err);
	role_set_log_level("fetcher", config->log_level);
	add_source(&self.sources[0], config->python_index_url, config->python_index_login);
	add_source(&self.sources[1], config->npm_registry_url, config->npm_registry_login);
	self.ca_file = outward_ca_file();
}

int main(int argc, char **argv)
{
	struct config config;

	load(outward_begin(&self.outward, argc, argv), &config);
	self.easy = curl_easy_init();
	if (!self.easy)
		fatal("no_memory", "what=curl");
	return outward_run(&self.outward, &config);
}
