/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The courier: the process of the server that connects to whom callers name. It is started if
 * `webhooks` is on.
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
#include <stdio.h>

#include "base/fd.h"
#include "base/log.h"
#include "config/config.h"
#include "courier/parcel.h"
#include "ipc/document.h"
#include "role/outward.h"
#include "role/role.h"

#define PENDING_MAX 64 /* the front sends fewer at once */

static void on_send(struct channel *channel, struct message *message);

static const message_fn front_handlers[MSG_COUNT] = {
    [MSG_COURIER_SEND] = on_send,
};

static struct {
	struct outward outward;
	struct courier_config config;
	struct courier *courier;
} self = {.outward = {.role = ROLE_COURIER, .front_handlers = front_handlers}};

/* --- parcels --- */

static void on_delivered(const struct msg_delivered *msg)
{
	if (channel_is_open(&self.outward.front) &&
	    channel_send(&self.outward.front, MSG_FRONT_DELIVERED, msg, NULL, 0) < 0)
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

/* --- start --- */

static void load(const char *config_path, struct config *config)
{
	struct err err = {0};

	if (config_load(config, config_path, &err) < 0 ||
	    address_list_parse(&self.config.exceptions, config->webhook_allow, &err) < 0)
		role_refuse_config("config", &err);
	role_set_log_level("courier", config->log_level);
	self.config.time_ms = config->webhook_time_ms;
	self.config.ca_file = outward_ca_file();
	self.config.on_delivered = on_delivered;
}

int main(int argc, char **argv)
{
	struct config config;

	load(outward_begin(&self.outward, argc, argv), &config);
	self.courier = courier_create(self.outward.loop, &self.config);
	if (!self.courier)
		fatal("no_memory", "what=courier");
	return outward_run(&self.outward, &config);
}
