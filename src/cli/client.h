/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client of the server's HTTP: a server somewhere by URL and key, or one of our own
 * (embedded.h).
 */
#ifndef SG_CLI_CLIENT_H
#define SG_CLI_CLIENT_H

#include "base/buf.h"
#include "cli/settings.h"

/* The options of verbs that talk to a server. */
struct client_options {
	const char *server;  /* NULL: $SANDGLASS_URL, or else an embedded one */
	const char *ca_file; /* NULL: the system's authorities */
	struct settings settings;
};

/* Option rows for a member `client` of the verb's struct. */
/* clang-format off */
#define CLIENT_ROWS(type)                                                                          \
	{"server", '\0', OPTION_TEXT, "URL", offsetof(type, client.server), COMPLETE_NONE,         \
	 "talk to this server ($SANDGLASS_URL; the key is $SANDGLASS_API_KEY); without one the "   \
	 "code runs on this machine"},                                                             \
	{"ca", '\0', OPTION_TEXT, "FILE", offsetof(type, client.ca_file), COMPLETE_FILE,           \
	 "trust only the certificates in FILE (PEM), for a server with one of its own"},           \
	{"config", '\0', OPTION_TEXT, "FILE", offsetof(type, client.settings.config),              \
	 COMPLETE_FILE, "without a server: read settings from FILE"},                              \
	{"set", '\0', OPTION_LIST, "NAME=VALUE", offsetof(type, client.settings.set),              \
	 COMPLETE_NONE, "without a server: change one setting"}
/* clang-format on */

/* The same of verbs that have nothing to do without one. */
/* clang-format off */
#define SERVER_ROWS(type)                                                                          \
	{"server", '\0', OPTION_TEXT, "URL", offsetof(type, client.server), COMPLETE_NONE,         \
	 "talk to this server ($SANDGLASS_URL; the key is $SANDGLASS_API_KEY)"},                   \
	{"ca", '\0', OPTION_TEXT, "FILE", offsetof(type, client.ca_file), COMPLETE_FILE,           \
	 "trust only the certificates in FILE (PEM), for a server with one of its own"}
/* clang-format on */

struct client;

struct client_reply {
	long status;	 /* HTTP */
	struct buf body; /* the caller's: buf_finish */
};

/* 0, -ERR_BAD_REQUEST, -ERR_CONFIG, -ERR_IO or -ERR_NO_MEMORY. */
int client_open(struct client **ret_client, const struct client_options *options, struct err *err);
/* The same, but without a server it is an error. */
int client_open_server(struct client **ret_client, const struct client_options *options, struct err *err);
/*
 * The server on this machine, whatever the environment says of servers and proxies.
 * certificate: the one it was started with, whatever names are in it; NULL or "": no TLS.
 */
int client_open_local(struct client **ret_client, const char *url, const char *key,
		      const char *certificate, struct err *err);
void client_close(struct client *client);

/*
 * One call; body {NULL, 0} makes it a GET. label: what progress calls it; NULL: no progress. Fills
 * reply whatever the HTTP status is. 0, or -ERR_CLOSED when no answer came.
 */
int client_call(struct client *client, const char *path, struct slice body, const char *label,
		struct client_reply *reply, struct err *err);
/* The same, but an answer that is not 200 becomes err. 0 or its code. */
int client_get(struct client *client, const char *path, struct client_reply *reply,
	       struct err *err);
/* Where the body of a good answer goes. */
struct client_sink {
	const char *file; /* opened when there is something for it; NULL: standard output */
	int fd;		  /* -1: not opened yet */
	int saved_errno;  /* of opening or writing it; 0: none */
};

struct client_request {
	const char *method, *path;
	struct slice body;	  /* {NULL, 0}: none, or */
	int body_fd;		  /* all of this; -1: none */
	const char *type;	  /* of the body; NULL: JSON */
	struct client_sink *sink; /* NULL: the body goes to the reply */
	const char *label;	  /* as client_call */
};

/* One call; an answer that is not 2xx becomes err. 0 or a negative code. */
int client_send(struct client *client, const struct client_request *request,
		struct client_reply *reply, struct err *err);

/*
 * What an answer that is not 200 says: code, field, limit and sentence of its body. Returns the
 * code.
 */
int client_error(const struct client_reply *reply, struct err *err);

#endif
