/* SPDX-License-Identifier: Apache-2.0 */
/* `sandglass sessions`: what its verbs share. */
#ifndef SG_CLI_SESSIONS_H
#define SG_CLI_SESSIONS_H

#include <yyjson.h>

#include "cli/client.h"

struct sessions_options {
	struct client_options client;
	const char *id, *language, *from;	     /* create, fork */
	const char *input, *output, *mode;	     /* put, get */
	const char *after;			     /* list, snapshots */
	struct text_list env;
	struct number ttl_ms, disk_bytes, memory_bytes, wall_time_ms;
	bool stateful, background;
	bool tar, json;
};

/* clang-format off */
#define SESSIONS_ROW(name, letter, kind, value, member, complete, help) \
	{name, letter, OPTION_##kind, value, offsetof(struct sessions_options, member), COMPLETE_##complete, help}
#define SESSIONS_JSON_ROW \
	SESSIONS_ROW("json", 'j', FLAG, NULL, json, NONE, "print the server's answer as JSON")
/* verb_sessions_<word> with run_<word>; rows: its options */
#define SESSIONS_VERB(word, takes, least, most, rows, line, more) \
	const struct verb verb_sessions_##word = { \
	    .name = #word, .operands = takes, .summary = line, .details = more, .operands_least = least, .operands_most = most, \
	    .options = rows, .option_count = ARRAY_LEN(rows), .options_bytes = sizeof(struct sessions_options), .run = run_##word}
/* clang-format on */

/* A call about one of them. */
struct sessions_call {
	struct client *client;
	struct client_reply reply;
	struct buf path; /* of the request; NUL-terminated */
	struct err err;
	int rc;		 /* the first failure stays */
};

/* Opens the client and begins the path, with a session's address or, where the id is of one, a snapshot's. */
void sessions_begin(struct sessions_call *call, const struct sessions_options *options, const char *id);
/* Appends a text of ours, or one of the user's, percent-encoded but for slashes. */
void sessions_add(struct sessions_call *call, const char *text);
void sessions_add_encoded(struct sessions_call *call, const char *text);
/* Sends; request's path is the call's. */
void sessions_send(struct sessions_call *call, struct client_request request);
/* Frees all of it. The exit code. */
int sessions_end(struct sessions_call *call);

/* The answer as JSON, with json; else fn's way of showing it. */
void sessions_show(struct sessions_call *call, bool json, void (*fn)(yyjson_val *root));

/* sessions_files.c */
extern const struct verb verb_sessions_files, verb_sessions_get, verb_sessions_put, verb_sessions_remove;

#endif
