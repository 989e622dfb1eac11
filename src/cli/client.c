/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/fd.h"
#include "cli/embedded.h"
#include "cli/progress.h"
#include "json/json.h"

#define REPLY_BYTES_MAX (256 * MIB)
#define CONNECT_SECONDS 10L
/* Never connected to: only becomes the Host header. */
#define EMBEDDED_URL "http://127.0.0.1"

/* Where to, and whom to believe. */
struct target {
	const char *url, *key, *ca_file; /* key, ca_file: NULL for none of our own */
	bool local; /* this machine: no proxy, and the certificate may bear any name */
	const struct settings *embedded; /* NULL: a server that runs already */
};

struct client {
	CURL *curl;
	struct curl_slist *headers;
	char *url; /* without a slash at the end */
	struct embedded embedded;
	char error[CURL_ERROR_SIZE];
	struct progress progress;
	bool shows_progress;
};

/* --- curl's callbacks --- */

/* What one call is about. */
struct call {
	struct client *client;
	const struct client_request *request;
	struct client_reply *reply;
};

/* Only when there is something for it: a file is not emptied for an answer that is an error. */
static bool sink_open(struct client_sink *sink)
{
	if (sink->fd < 0)
		sink->fd = sink->file ? open(sink->file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)
				      : STDOUT_FILENO;
	if (sink->fd < 0)
		sink->saved_errno = errno;
	return sink->fd >= 0;
}

static bool sink_write(struct client_sink *sink, const void *data, size_t len)
{
	if (!sink_open(sink))
		return false;
	if (fd_write_all(sink->fd, data, len) == 0)
		return true;
	sink->saved_errno = errno;
	return false;
}

static bool is_good(long status)
{
	return status >= 200 && status < 300;
}

static size_t on_body(char *data, size_t size, size_t count, void *ctx)
{
	struct call *call = ctx;
	long status = 0;

	curl_easy_getinfo(call->client->curl, CURLINFO_RESPONSE_CODE, &status);
	if (call->request->sink && is_good(status))
		return sink_write(call->request->sink, data, size * count) ? count : 0;
	return buf_append(&call->reply->body, data, size * count) < 0 ? 0 : count;
}

static size_t on_upload(char *data, size_t size, size_t count, void *ctx)
{
	const struct call *call = ctx;
	ssize_t n;

	do
		n = read(call->request->body_fd, data, size * count);
	while (n < 0 && errno == EINTR);
	return n < 0 ? CURL_READFUNC_ABORT : (size_t)n;
}

static int on_progress(void *ctx, curl_off_t down _unused_, curl_off_t down_now _unused_,
		       curl_off_t up _unused_, curl_off_t up_now _unused_)
{
	struct client *client = ctx;

	if (client->shows_progress)
		progress_tick(&client->progress);
	return 0;
}

/* --- open --- */

static int add_header(struct client *client, const char *name, const char *value)
{
	size_t len = strlen(name) + strlen(value) + 3;
	_free_ char *line = malloc(len);

	if (!line)
		return -ERR_NO_MEMORY;
	snprintf(line, len, "%s: %s", name, value);
	struct curl_slist *longer = curl_slist_append(client->headers, line);
	if (!longer)
		return -ERR_NO_MEMORY;
	client->headers = longer;
	return 0;
}

static int check_key(const char *key, struct err *err)
{
	for (const char *c = key; *c; c++)
		if (*c <= ' ' || *c >= 0x7f)
			return err_set(err, ERR_BAD_REQUEST,
				       "The API key has characters that no key has; set "
				       "SANDGLASS_API_KEY again.");
	return 0;
}

static int set_headers(struct client *client, const char *key, struct err *err)
{
	char value[512];
	int rc = key ? check_key(key, err) : 0;

	if (rc < 0)
		return rc;
	if (key && snprintf(value, sizeof(value), "Bearer %s", key) >= (int)sizeof(value))
		return err_set(err, ERR_BAD_REQUEST,
			       "The API key is too long; set SANDGLASS_API_KEY again.");
	if (add_header(client, "Expect", "") < 0 || /* one round trip less */
	    (key && add_header(client, "Authorization", value) < 0))
		return err_set(err, ERR_NO_MEMORY, "Out of memory.");
	return 0;
}

static void set_options(struct client *client, const struct target *target)
{
	CURL *curl = client->curl;

	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, client->error);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "sandglass/" SANDGLASS_VERSION);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_upload);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, client);
	if (target->ca_file)
		curl_easy_setopt(curl, CURLOPT_CAINFO, target->ca_file);
	if (target->local) {
		curl_easy_setopt(curl, CURLOPT_PROXY, "");
		curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	if (target->embedded)
		curl_easy_setopt(curl, CURLOPT_ABSTRACT_UNIX_SOCKET, client->embedded.address);
}

static int client_init(struct client *client, const struct target *target, struct err *err)
{
	client->url = strdup(target->url);
	client->curl = curl_easy_init();
	if (!client->url || !client->curl)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.");
	for (size_t len = strlen(client->url); len && client->url[len - 1] == '/';)
		client->url[--len] = '\0';
	int rc = set_headers(client, target->key, err);
	if (rc == 0)
		set_options(client, target);
	return rc;
}

static int open_target(struct client **ret_client, const struct target *target, struct err *err)
{
	struct client *client = calloc(1, sizeof(*client));

	if (!client)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.");
	int rc = target->embedded ? embedded_start(&client->embedded, target->embedded, err) : 0;
	if (rc == 0)
		rc = client_init(client, target, err);
	if (rc < 0)
		client_close(client);
	else
		*ret_client = client;
	return rc;
}

static const char *environment(const char *name)
{
	const char *value = getenv(name);

	return value && value[0] ? value : NULL;
}

int client_open_local(struct client **ret_client, const char *url, const char *key,
		      const char *certificate, struct err *err)
{
	const struct target target = {
	    .url = url,
	    .key = key,
	    .ca_file = certificate && certificate[0] ? certificate : NULL,
	    .local = true,
	};

	return open_target(ret_client, &target, err);
}

int client_open(struct client **ret_client, const struct client_options *options, struct err *err)
{
	const char *url = options->server ? options->server : environment("SANDGLASS_URL");
	const struct target embedded = {
	    .url = EMBEDDED_URL, .local = true, .embedded = &options->settings};
	const struct target remote = {
	    .url = url, .key = environment("SANDGLASS_API_KEY"), .ca_file = options->ca_file};

	if (!url && options->ca_file)
		return err_set(err, ERR_BAD_REQUEST,
			       "--ca is for a server; name it with --server URL.");
	if (!url)
		return open_target(ret_client, &embedded, err);
	if (options->settings.config || options->settings.set.count)
		return err_set(
		    err, ERR_BAD_REQUEST,
		    "--config and --set are for code that runs on this machine; the server %s has"
		    " its own.",
		    url);
	return open_target(ret_client, &remote, err);
}

int client_open_server(struct client **ret_client, const struct client_options *options, struct err *err)
{
	if (!options->server && !environment("SANDGLASS_URL"))
		return err_set(err, ERR_BAD_REQUEST,
			       "This is about a server; name it with --server URL or $SANDGLASS_URL.");
	return client_open(ret_client, options, err);
}

void client_close(struct client *client)
{
	if (!client)
		return;
	curl_easy_cleanup(
	    client->curl); /* first: it closes the socket that the embedded server waits on */
	curl_slist_free_all(client->headers);
	embedded_stop(&client->embedded);
	free(client->url);
	free(client);
}

/* --- calls --- */

/* What to do about a failure to talk. */
static const char *advice_for(CURLcode code)
{
	static const struct {
		CURLcode code;
		const char *text;
	} rows[] = {
	    {CURLE_COULDNT_CONNECT, "see that the server is running there"},
	    {CURLE_COULDNT_RESOLVE_HOST, "check the name"},
	    {CURLE_PEER_FAILED_VERIFICATION, "name the server's certificate with --ca FILE"},
	    {CURLE_SSL_CACERT_BADFILE, "--ca takes a readable PEM file"},
	    {CURLE_UNSUPPORTED_PROTOCOL, "a URL begins with http:// or https://"},
	    {CURLE_URL_MALFORMAT, "a URL begins with http:// or https://"},
	    {CURLE_GOT_NOTHING, "see whether it is HTTP or HTTPS there"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].code == code)
			return rows[i].text;
	return "try again";
}

/* Why there was no answer: the embedded server may have said so itself and gone. */
static int no_answer(struct client *client, CURLcode code, struct err *err)
{
	const char *reason = client->error[0] ? client->error : curl_easy_strerror(code);

	if (client->embedded.pid <= 0)
		return err_set(err, ERR_CLOSED, "No answer from %s: %s; %s.", client->url, reason,
			       advice_for(code));
	curl_easy_cleanup(client->curl);
	client->curl = NULL;
	int status = embedded_stop(&client->embedded);
	return err_set(
	    err, ERR_CLOSED,
	    "The embedded server ended without an answer (%s %d); 'sandglass doctor' says what"
	    " this machine lacks.",
	    WIFSIGNALED(status) ? "signal" : "status",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

static void set_upload(CURL *curl, const struct client_request *request)
{
	struct stat st;
	bool sized = fstat(request->body_fd, &st) == 0 && S_ISREG(st.st_mode);
	off_t at = sized ? lseek(request->body_fd, 0, SEEK_CUR) : 0;

	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, /* -1: in chunks */
			 sized && at >= 0 && at <= st.st_size ? (curl_off_t)(st.st_size - at) : (curl_off_t)-1);
}

/* GET forgets what the call before was. */
static void set_body(CURL *curl, const struct client_request *request)
{
	curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
	if (request->body.data) {
		curl_easy_setopt(curl, CURLOPT_POST, 1L);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body.data);
	} else if (request->body_fd >= 0) {
		set_upload(curl, request);
	}
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
}

static CURLcode perform(struct client *client, const char *url, const struct client_request *request,
			struct client_reply *reply)
{
	struct call call = {client, request, reply};
	CURL *curl = client->curl;
	char type[64];
	/* before the others, which are those of every call */
	struct curl_slist headers = {type, client->headers};

	snprintf(type, sizeof(type), "Content-Type: %s", request->type ? request->type : "application/json");
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, &headers);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &call);
	curl_easy_setopt(curl, CURLOPT_READDATA, &call);
	set_body(curl, request);
	client->error[0] = '\0';
	client->embedded.connected = true;
	return curl_easy_perform(curl);
}

/* Whatever the status is. */
static int exchange(struct client *client, const struct client_request *request,
		    struct client_reply *reply, struct err *err)
{
	size_t len = strlen(client->url) + strlen(request->path) + 1;
	_free_ char *url = malloc(len);

	buf_init(&reply->body, REPLY_BYTES_MAX);
	reply->status = 0;
	if (!client->curl || !url)
		return err_set(err, ERR_CLOSED, "The connection to the server is gone.");
	snprintf(url, len, "%s%s", client->url, request->path);
	client->shows_progress = request->label != NULL;
	progress_begin(&client->progress, request->label);
	CURLcode code = perform(client, url, request, reply);
	progress_end(&client->progress);
	if (code == CURLE_OK) {
		curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &reply->status);
		return 0;
	}
	buf_finish(&reply->body);
	return no_answer(client, code, err);
}

int client_call(struct client *client, const char *path, struct slice body, const char *label,
		struct client_reply *reply, struct err *err)
{
	const struct client_request request = {
	    .method = body.data ? "POST" : "GET", .path = path, .body = body, .body_fd = -1, .label = label};

	return exchange(client, &request, reply, err);
}

int client_send(struct client *client, const struct client_request *request,
		struct client_reply *reply, struct err *err)
{
	struct client_sink *sink = request->sink;
	int rc = exchange(client, request, reply, err);

	if (rc == 0 && !is_good(reply->status)) {
		rc = client_error(reply, err);
		buf_finish(&reply->body);
		return rc;
	}
	if (rc == 0 && sink)
		sink_open(sink); /* of an answer without a byte */
	if (sink && sink->saved_errno)
		rc = err_set(err, ERR_IO, "Writing %.100s failed: %s.", sink->file ? sink->file : "the output",
			     strerror(sink->saved_errno));
	if (sink && sink->file)
		sink->fd = fd_close(sink->fd);
	return rc;
}

int client_get(struct client *client, const char *path, struct client_reply *reply, struct err *err)
{
	int rc = client_call(client, path, (struct slice){NULL, 0}, "waiting", reply, err);

	if (rc < 0 || reply->status == 200)
		return rc;
	rc = client_error(reply, err);
	buf_finish(&reply->body);
	return rc;
}

/* --- errors in answers --- */

static int code_of_name(const char *name, long status)
{
	for (int code = 1; name && code < ERR_COUNT; code++)
		if (strcmp(err_name(code), name) == 0)
			return code;
	return status >= 500 ? ERR_INTERNAL : ERR_BAD_REQUEST;
}

/* Texts of a server are not to be trusted with the terminal. */
static void copy_printable(char *out, size_t cap, const char *text)
{
	size_t n = 0;

	for (; text && *text && n + 1 < cap; text++)
		out[n++] = (unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text;
	out[n] = '\0';
}

int client_error(const struct client_reply *reply, struct err *err)
{
	struct yyjson_doc *doc = NULL;

	if (json_parse(&doc, buf_slice(&reply->body), NULL) < 0)
		return err_set(
		    err, reply->status >= 500 ? ERR_INTERNAL : ERR_PROTOCOL,
		    "The server answered with HTTP %ld and no reason; is it a Sandglass server?",
		    reply->status);
	yyjson_val *error = yyjson_obj_get(yyjson_doc_get_root(doc), "error");
	int code = code_of_name(json_member_text(error, "code"), reply->status);
	*err = (struct err){.code = code};
	copy_printable(err->field, sizeof(err->field),
		       json_member_text(error, "field"));
	copy_printable(err->text, sizeof(err->text),
		       json_member_text(error, "message"));
	json_free(doc);
	return -code;
}
