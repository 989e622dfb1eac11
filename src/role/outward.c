/* SPDX-License-Identifier: Apache-2.0 */
#include "role/outward.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/log.h"
#include "config/config.h"
#include "event/loop.h"
#include "role/role.h"

#define EXIT_USAGE 64 /* sysexits.h: EX_USAGE */
#define CA_FIRST   6

/* What names are found with, and where distributions have the certificates of authorities; as they
 * were when the process began. */
static const char *const copies[] = {
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/host.conf",
    "/etc/gai.conf",
    "/etc/services",
    [CA_FIRST] = "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    NULL,
};

const char *outward_ca_file(void)
{
	const char *const *file = copies + CA_FIRST;

	while (*file && access(*file, R_OK) < 0)
		file++;
	return *file;
}

/* --- peers --- */

static void on_front_closed(struct channel *channel _unused_)
{
}

static void on_connect(struct channel *channel, struct message *message)
{
	struct outward *self = container_of(channel, struct outward, parent);
	const struct msg_connect *connect = message->body;

	if (connect->role != ROLE_FRONT)
		fatal("bad_peer", "role=%u", connect->role);
	channel_close(&self->front);
	if (channel_open(&self->front, self->loop, msg_take_fd(message, 0), self->role, ROLE_FRONT,
			 self->front_handlers, on_front_closed) < 0)
		fatal("front_channel", "errno=%d", errno);
}

static void on_parent_closed(struct channel *channel)
{
	loop_stop(container_of(channel, struct outward, parent)->loop);
}

/* The front has gone already; what it had asked for is asked for again by the next one. */
static void on_drain(struct channel *channel, struct message *message _unused_)
{
	on_parent_closed(channel);
}

static const message_fn parent_handlers[MSG_COUNT] = {
    [MSG_ANY_CONNECT] = on_connect,
    [MSG_ANY_DRAIN] = on_drain,
};

/* --- the process --- */

const char *outward_begin(struct outward *self, int argc, char **argv)
{
	const char *name = role_name(self->role);

	log_init(name, LOG_INFO);
	if (argc != 2) {
		fprintf(stderr, "usage: sandglass-%s CONFIG (started by sandglassd)\n", name);
		exit(EXIT_USAGE);
	}
	role_ignore_signals();
	self->parent.fd = self->front.fd = -1;
	self->loop = loop_create();
	if (!self->loop || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		fatal("no_memory", "what=curl");
	return argv[1];
}

int outward_run(struct outward *self, struct config *config)
{
	const struct msg_empty ready = {0};

	role_confine(self->role, config, NULL, copies);
	config_finish(config);
	if (channel_open(&self->parent, self->loop, ROLE_PARENT_FD, self->role, ROLE_PARENT,
			 parent_handlers, on_parent_closed) < 0)
		fatal("parent_channel", "errno=%d", errno);
	channel_send(&self->parent, MSG_PARENT_READY, &ready, NULL, 0);
	return loop_run(self->loop) < 0;
}
