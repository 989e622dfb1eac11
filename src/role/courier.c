/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The courier: the only process of the server that connects to anybody. It is started if `webhooks`
 * is on.
 *
 * sandglass-courier CONFIG, descriptor 3: the channel to the parent.
 *
 * The front gives it one HTTP request at a time to send, ready to be sent: it sees no secret that
 * signs, no key, no job. It tells the front how each one ended. It has no database, no file but
 * copies of those that name servers and certificates are found with, and may not connect where
 * courier/address.h says so. What it sends is chosen by callers, and so is who answers: this
 * process is taken for theirs if libcurl has a hole, and then it can do what its policy allows,
 * which is to speak to the network as an ordinary user.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/log.h"
#include "base/fd.h"
#include "config/config.h"
#include "courier/parcel.h"
#include "event/loop.h"
#include "ipc/channel.h"
#include "ipc/document.h"
#include "role/role.h"

#define EXIT_USAGE  64 /* sysexits.h: EX_USAGE */
#define PENDING_MAX 64 /* the front sends fewer at once */

struct role_courier {
	struct loop *loop;
	struct channel parent, front;
	struct courier_config config;
	struct courier *courier;
};

static struct role_courier self = {.parent.fd = -1, .front.fd = -1};

/* Where distributions have the certificates of authorities. */
static const char *const ca_files[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
};

/* And what names are found with. As it was when this process began. */
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
	for (size_t i = 0; i < ARRAY_LEN(ca_files); i++)
		if (access(ca_files[i], R_OK) == 0)
			return ca_files[i];
	return NULL;
}

/* --- parcels --- */

static void on_delivered(const struct msg_delivered *msg)
{
	if (channel_is_open(&self.front) &&
	    channel_send(&self.front, MSG_FRONT_DELIVERED, msg, NULL, 0) < 0)
		fatal("answer_lost", "number=%llu", (unsigned long long)msg->number);
}

static void fail(uint64_t number, const char *text)
{
	struct msg_delivered msg = {.number = number, .outcome = DELIVERY_FAILED};

	snprintf(msg.text, sizeof(msg.text), "%.*s", MSG_TEXT_BYTES - 1, text);
	on_delivered(&msg);
}

static void on_send(struct channel *channel _unused_, struct message *message)
{
	const struct msg_parcel *msg = message->body;
	_close_ int fd = msg_take_fd(message, 0);
	_buf_finish_ struct buf text;

	buf_init(&text, PARCEL_BYTES_MAX);
	if (courier_pending(self.courier) >= PENDING_MAX ||
	    document_read(fd, PARCEL_BYTES_MAX, &text) < 0)
		fail(msg->number, "It could not be taken.");
	else
		courier_send(self.courier, msg->number, buf_slice(&text));
}

/* --- peers --- */

static const message_fn front_handlers[MSG_COUNT] = {
    [MSG_COURIER_SEND] = on_send,
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
	if (channel_open(&self.front, self.loop, msg_take_fd(message, 0), ROLE_COURIER, ROLE_FRONT,
			 front_handlers, on_front_closed) < 0)
		fatal("front_channel", "errno=%d", errno);
}

/* The front has gone already; what it had sent is sent again by the next one if nobody has said how
 * it went. */
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

	if (config_load(config, config_path, &err) < 0 ||
	    address_list_parse(&self.config.exceptions, config->webhook_allow, &err) < 0)
		role_refuse_config("config", &err);
	role_set_log_level("courier", config->log_level);
	self.config.time_ms = config->webhook_time_ms;
	self.config.ca_file = find_ca_file();
	self.config.on_delivered = on_delivered;
}

int main(int argc, char **argv)
{
	const struct msg_empty ready = {0};
	struct config config;

	log_init("courier", LOG_INFO);
	if (argc != 2) {
		fprintf(stderr, "usage: sandglass-courier CONFIG (started by sandglassd)\n");
		return EXIT_USAGE;
	}
	role_ignore_signals();
	load(argv[1], &config);
	self.loop = loop_create();
	if (!self.loop || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		fatal("no_memory", "what=curl");
	self.courier = courier_create(self.loop, &self.config);
	if (!self.courier)
		fatal("no_memory", "what=courier");
	role_confine(ROLE_COURIER, &config, NULL, copies);
	config_finish(&config);
	if (channel_open(&self.parent, self.loop, ROLE_PARENT_FD, ROLE_COURIER, ROLE_PARENT,
			 parent_handlers, on_parent_closed) < 0)
		fatal("parent_channel", "errno=%d", errno);
	channel_send(&self.parent, MSG_PARENT_READY, &ready, NULL, 0);
	return loop_run(self.loop) < 0;
}
