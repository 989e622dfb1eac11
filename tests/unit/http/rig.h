/* SPDX-License-Identifier: Apache-2.0 */
/* A server with a small handler, its loop stepped by hand, and clients that speak raw bytes. */
#ifndef SG_TESTS_UNIT_HTTP_RIG_H
#define SG_TESTS_UNIT_HTTP_RIG_H

#include "http/http.h"
#include "ipc/messages.h"

#define RIG_PLACES 8

/*
 * The handler: /echo answers "METHOD path?query body", /later keeps the request in waiting, /big?N
 * answers N bytes, /owned the same from a buf it gives away, /empty 204, /moved with a Location
 * header of the query, percent-decoded, /bye closes, /never is refused as soon as its head is there.
 * /take is /echo with a body that is taken as it comes; unless taker is set: then that takes it, held.
 */
struct rig {
	struct loop *loop;
	struct http_server *server;
	unsigned char lifeboat[RIG_PLACES];
	struct http_request *waiting[RIG_PLACES];
	unsigned waiting_count, gone, requests;
	int held[RIG_PLACES];     /* descriptor by place, -1 once released */
	unsigned holds, releases;
	const struct http_taker *taker;
	struct http_request *taken; /* the last one */
};

struct rig_client {
	int fd;
	struct buf in;
	bool closed;   /* end of the stream */
	bool reset;    /* by an error */
};

extern const struct http_config rig_config;

void rig_start(struct rig *rig, const struct http_config *config);
void rig_finish(struct rig *rig);
/* One batch of events and what timers are due. */
void rig_step(struct rig *rig);
/* Steps for so long. */
void rig_run_ms(struct rig *rig, unsigned ms);

/* A client on a socketpair. */
void rig_connect(struct rig *rig, struct rig_client *client);
void rig_client_finish(struct rig_client *client);
/* Sends all of it, stepping the server while the socket is full. */
void rig_send(struct rig *rig, struct rig_client *client, const void *data, size_t len);
void rig_send_text(struct rig *rig, struct rig_client *client, const char *text);
/* Takes what has come. */
void rig_receive(struct rig_client *client);

/*
 * What came as a text: each reply's status, then "close" at the end of the stream or "reset".
 * no_bodies is true where the requests were HEAD. Checks that the replies are well-formed on the way.
 */
const char *rig_outcome(struct rig_client *client, bool no_bodies);
/* Steps until the outcome is that; false after two seconds. */
bool rig_reaches(struct rig *rig, struct rig_client *client, const char *outcome, bool no_bodies);
/* The same, and fails the test. */
void rig_expect(struct rig *rig, struct rig_client *client, const char *outcome);
/* The text is somewhere in what came. */
bool rig_came(struct rig_client *client, const char *text);

#endif
