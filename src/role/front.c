/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The front: HTTP, TLS, JSON, dialects, keys, rates, the queue; feeds stdin and drains stdout and stderr of
 * runs. It reads its configuration, the manifests and the TLS key while it is still root, then locks
 * itself up for good (own uid, empty root, policy/front.policy) before it gets a socket of any client.
 *
 * Takes orders from the parent; talks to the spawner and the store, both of which it must trust; it is
 * itself the least trusted of the four, because it reads what clients send.
 *
 * sandglass-front CONFIG, descriptor 3: the channel to the parent.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "api/guard.h"
#include "base/fd.h"
#include "base/log.h"
#include "confine/confine.h"
#include "door/door.h"
#include "door/fetch.h"
#include "door/jobs.h"
#include "door/webhooks.h"
#include "door/events.h"
#include "ipc/channel.h"
#include "ipc/walls.h"
#include "role/role.h"

#define DRAIN_POLL_NS (20 * NS_PER_MS)
#define KEYS_WAIT_NS  (1 * NS_PER_SEC) /* with no keys until then, clients are let in and told so */

struct front {
	struct loop *loop;
	struct config config;
	struct runtime_table runtimes;
	struct ssl_ctx_st *tls;
	struct door door;
	struct channel parent, spawner, store, courier, fetcher;
	unsigned char *lifeboat;
	struct timer keys_timer, drain_timer;
	uint64_t drain_until_ns;
};

static struct front front;

/* --- from the parent --- */

static void on_hold(unsigned place, int fd, void *ctx _unused_)
{
	struct msg_hold msg = {.place = place};
	int copy = dup(fd);

	if (copy >= 0)
		channel_send(&front.parent, MSG_PARENT_HOLD, &msg, &copy, 1);
}

static void on_release(unsigned place, void *ctx _unused_)
{
	struct msg_hold msg = {.place = place};

	channel_send(&front.parent, MSG_PARENT_RELEASE, &msg, NULL, 0);
}

static struct http_config http_config_of(const struct config *config)
{
	return (struct http_config){
	    .connections_max = config->connections_max,
	    .connections_max_per_ip = config->connections_max_per_ip,
	    .header_time_ms = config->header_time_ms,
	    .body_time_ms = config->body_time_ms,
	    .body_rate_bytes = config->body_rate_bytes,
	    .idle_time_ms = config->idle_time_ms,
	    .write_time_ms = config->write_time_ms,
	    .body_bytes_max = config->body_bytes_max,
	};
}

static void say_ready(struct timer *timer)
{
	struct msg_empty msg = {0};

	loop_timer_cancel(front.loop, timer);
	channel_send(&front.parent, MSG_PARENT_READY, &msg, NULL, 0);
}

static void on_lifeboat(struct channel *channel _unused_, struct message *message)
{
	const struct msg_lifeboat *msg = message->body;
	static const struct http_callbacks callbacks = {
	    .on_head = door_on_head,
	    .on_request = door_on_request,
	    .error_body = door_error_body,
	    .on_hold = on_hold,
	    .on_release = on_release,
	};
	struct http_config http = http_config_of(&front.config);

	if (msg->places != http.connections_max || front.door.http)
		fatal("lifeboat", "places=%u", msg->places);
	void *page = mmap(NULL, msg->places, PROT_READ | PROT_WRITE, MAP_SHARED, message->fds[0], 0);
	if (page == MAP_FAILED)
		fatal("lifeboat", "errno=%d", errno);
	front.lifeboat = page;
	front.door.http = http_server_create(front.loop, &http, &callbacks, &front.door, front.lifeboat);
	if (!front.door.http)
		fatal("no_memory", "what=http");
	front.door.embedded = msg->embedded;
	if (msg->embedded)
		say_ready(&front.keys_timer);
	else
		loop_timer_set(front.loop, &front.keys_timer, clock_now_ns() + KEYS_WAIT_NS, say_ready);
}

static void on_listen(struct channel *channel _unused_, struct message *message)
{
	const struct msg_listen *msg = message->body;

	if (!front.door.http || (msg->tls && !front.tls))
		fatal("listen", "tls=%u", msg->tls);
	if (http_server_listen(front.door.http, msg_take_fd(message, 0), msg->connected,
	                       msg->tls ? front.tls : NULL) < 0)
		fatal("listen", "errno=%d", errno);
}

static void on_adopt(struct channel *channel _unused_, struct message *message)
{
	if (!front.door.http || http_server_listen(front.door.http, msg_take_fd(message, 0), true, NULL) < 0)
		fatal("adopt", "errno=%d", errno);
}

static void on_image(struct channel *channel _unused_, struct message *message)
{
	const struct msg_image *msg = message->body;

	for (unsigned i = 0; i < front.runtimes.count; i++) {
		struct runtime *runtime = &front.runtimes.runtimes[i];
		for (unsigned k = 0; k < runtime->version_count; k++)
			if (strcmp(runtime->versions[k].image, msg->name) == 0)
				runtime->versions[k].image_index = msg->image;
	}
}

static void on_drain_poll(struct timer *timer)
{
	bool idle = http_server_pending(front.door.http) == 0 &&
	            engine_counters(front.door.engine)->running == 0 && !jobs_busy(front.door.jobs);

	if (idle || clock_now_ns() >= front.drain_until_ns) {
		log_at(LOG_INFO, "drained", "idle=%d", idle);
		exit(0);
	}
	loop_timer_set(front.loop, timer, clock_now_ns() + DRAIN_POLL_NS, on_drain_poll);
}

static void on_drain(struct channel *channel _unused_, struct message *message _unused_)
{
	if (!front.door.http)
		exit(0);
	front.door.draining = true;
	engine_drain(front.door.engine);
	http_server_drain(front.door.http);
	front.drain_until_ns = clock_now_ns() + front.config.drain_time_ms * NS_PER_MS;
	on_drain_poll(&front.drain_timer);
}

/* --- from the spawner --- */

static void on_walls(struct channel *channel _unused_, struct message *message)
{
	struct err err;

	memcpy(&front.door.walls, message->body, sizeof(front.door.walls));
	front.door.walls_known = true;
	if (door_refuses(&front.door, &err) == ERR_WALL_MISSING)
		log_at(LOG_ERROR, "wall_missing", "text=\"%s\"", err.text);
}

static void on_gauges(struct channel *channel _unused_, struct message *message)
{
	memcpy(&front.door.gauges, message->body, sizeof(front.door.gauges));
}

static void on_run_done(struct channel *channel _unused_, struct message *message)
{
	engine_run_done(front.door.engine, message->body);
}

static void on_run_failed(struct channel *channel _unused_, struct message *message)
{
	const struct msg_run_failed *msg = message->body;

	log_at(LOG_ERROR, "run_failed", "code=%s step=%u errno=%u text=\"%s\"", err_name((int)msg->code),
	       msg->step, msg->saved_errno, msg->text);
	engine_run_failed(front.door.engine, msg);
}

static void on_metered(struct channel *channel _unused_, struct message *message)
{
	engine_metered(front.door.engine, message->body);
}

static void on_pool_way(struct channel *channel _unused_, struct message *message)
{
	engine_pool_way(front.door.engine, message->body);
}

/* --- from the store --- */

static void on_key(struct channel *channel _unused_, struct message *message)
{
	if (keyring_put(front.door.keys, message->body) < 0)
		fatal("no_memory", "what=keys");
}

static void on_keys_done(struct channel *channel _unused_, struct message *message)
{
	const struct msg_keys_done *msg = message->body;

	keyring_end(front.door.keys);
	log_at(LOG_INFO, "keys_loaded", "count=%u", msg->count);
	if (front.keys_timer.place)
		say_ready(&front.keys_timer);
	jobs_recall(front.door.jobs);
}

static void on_documents(struct channel *channel _unused_, struct message *message)
{
	door_documents_answer(&front.door, message->body, msg_take_fd(message, 0));
}

static void on_pack(struct channel *channel _unused_, struct message *message)
{
	door_packs_answer(&front.door, message->body, msg_take_fd(message, 0));
}

/* --- from the fetcher --- */

static void on_fetched(struct channel *channel _unused_, struct message *message)
{
	door_fetched(&front.door, message->body, msg_take_fd(message, 0));
}

/* --- from the courier --- */

static void on_delivered(struct channel *channel _unused_, struct message *message)
{
	webhooks_delivered(front.door.webhooks, message->body);
}

/* --- peers --- */

static void on_connect(struct channel *channel, struct message *message);

static const message_fn handlers[MSG_COUNT] = {
    [MSG_ANY_CONNECT] = on_connect,
    [MSG_ANY_DRAIN] = on_drain,
    [MSG_FRONT_ADOPT] = on_adopt,
    [MSG_FRONT_LIFEBOAT] = on_lifeboat,
    [MSG_FRONT_LISTEN] = on_listen,
    [MSG_FRONT_IMAGE] = on_image,
    [MSG_FRONT_WALLS] = on_walls,
    [MSG_FRONT_GAUGES] = on_gauges,
    [MSG_FRONT_RUN_DONE] = on_run_done,
    [MSG_FRONT_RUN_FAILED] = on_run_failed,
    [MSG_FRONT_POOL_WAY] = on_pool_way,
    [MSG_FRONT_METERED] = on_metered,
    [MSG_FRONT_KEY] = on_key,
    [MSG_FRONT_KEYS_DONE] = on_keys_done,
    [MSG_FRONT_DOCUMENTS] = on_documents,
    [MSG_FRONT_FETCHED] = on_fetched,
    [MSG_FRONT_DELIVERED] = on_delivered,
    [MSG_FRONT_PACK] = on_pack,
};

static void on_parent_closed(struct channel *channel _unused_)
{
	exit(0);
}

static void on_spawner_closed(struct channel *channel _unused_)
{
	log_at(LOG_WARN, "spawner_gone", "running=%llu",
	       (unsigned long long)engine_counters(front.door.engine)->running);
	front.door.spawner_attached = false;
	engine_detach(front.door.engine);
}

static void on_store_closed(struct channel *channel _unused_)
{
	log_at(LOG_WARN, "store_gone", "%s", "");
	door_store_gone(&front.door);
}

static void on_fetcher_closed(struct channel *channel _unused_)
{
	log_at(LOG_WARN, "fetcher_gone", "%s", "");
	door_fetcher(&front.door, NULL);
}

static void on_courier_closed(struct channel *channel _unused_)
{
	log_at(LOG_WARN, "courier_gone", "%s", "");
	webhooks_attach(front.door.webhooks, NULL);
}

static void connect_spawner(int fd)
{
	if (channel_is_open(&front.spawner)) {
		channel_close(&front.spawner);
		on_spawner_closed(&front.spawner);
	}
	if (channel_open(&front.spawner, front.loop, fd, ROLE_FRONT, ROLE_SPAWNER, handlers,
	                 on_spawner_closed) < 0)
		fatal("connect", "peer=spawner errno=%d", errno);
	front.door.spawner_attached = true;
	engine_attach(front.door.engine, &front.spawner);
	jobs_go_on(front.door.jobs);
}

static void connect_store(int fd)
{
	channel_close(&front.store);
	door_store_gone(&front.door); /* what the last one was asked it will not answer */
	if (channel_open(&front.store, front.loop, fd, ROLE_FRONT, ROLE_STORE, handlers, on_store_closed) < 0)
		fatal("connect", "peer=store errno=%d", errno);
	keyring_begin(front.door.keys);
	front.door.store = &front.store;
}

static void connect_fetcher(int fd)
{
	channel_close(&front.fetcher);
	door_fetcher(&front.door, NULL);
	if (channel_open(&front.fetcher, front.loop, fd, ROLE_FRONT, ROLE_FETCHER, handlers, on_fetcher_closed) < 0)
		fatal("connect", "peer=fetcher errno=%d", errno);
	door_fetcher(&front.door, &front.fetcher);
}

static void connect_courier(int fd)
{
	channel_close(&front.courier);
	webhooks_attach(front.door.webhooks, NULL);
	if (channel_open(&front.courier, front.loop, fd, ROLE_FRONT, ROLE_COURIER, handlers, on_courier_closed) < 0)
		fatal("connect", "peer=courier errno=%d", errno);
	webhooks_attach(front.door.webhooks, &front.courier);
}

static void on_connect(struct channel *channel _unused_, struct message *message)
{
	const struct msg_connect *msg = message->body;
	int fd = msg_take_fd(message, 0);

	if (msg->role == ROLE_SPAWNER)
		connect_spawner(fd);
	else if (msg->role == ROLE_STORE)
		connect_store(fd);
	else if (msg->role == ROLE_FETCHER)
		connect_fetcher(fd);
	else if (msg->role == ROLE_COURIER)
		connect_courier(fd);
	else
		fatal("connect", "role=%u", msg->role);
}

/* --- start --- */

static void load(const char *config_path)
{
	struct err err;
	struct config *config = &front.config;

	if (config_load(config, config_path, &err) < 0 ||
	    walls_parse(config->allow_missing_walls, &front.door.walls_waived, &err) < 0)
		role_refuse_config("config", &err);
	uint64_t waived = front.door.walls_waived;
	if (runtime_table_load(&front.runtimes, config->runtime_dir, config->image_dir, config->host_image,
	                       &err) < 0)
		role_refuse_config("runtimes", &err);
	if (door_init(&front.door, config, &front.runtimes) < 0)
		fatal("no_memory", "what=door");
	front.door.walls_waived = waived;
	if (guard_check(config, &err) < 0)
		role_refuse_config("scan", &err);
	if (scan_load(&front.door.scan, config->scan_dir, &err) < 0)
		log_at(LOG_WARN, "no_scanner", "text=\"%s\"", err.text); /* what needs it is refused */
	if (config->tls_certificate[0]) {
		front.tls = http_tls_create(config->tls_certificate, config->tls_key, &err);
		if (!front.tls)
			role_refuse_config("tls", &err);
	}
}

int main(int argc, char **argv)
{
	log_init("front", LOG_INFO);
	if (argc != 2)
		fatal("usage", "%s", "sandglass-front is started by sandglassd");
	role_ignore_signals();
	load(argv[1]);
	role_set_log_level("front", front.config.log_level);
	front.loop = loop_create();
	front.door.loop = front.loop;
	front.door.engine = engine_create(front.loop, &front.config, &front.runtimes);
	front.door.events = event_logs_create(&front.config, front.loop);
	if (!front.loop || !front.door.engine || !front.door.events)
		fatal("no_memory", "what=engine");
	front.spawner.fd = front.store.fd = front.courier.fd = front.fetcher.fd = -1;
	role_confine(ROLE_FRONT, &front.config, NULL, NULL);
	if (channel_open(&front.parent, front.loop, ROLE_PARENT_FD, ROLE_FRONT, ROLE_PARENT, handlers,
	                 on_parent_closed) < 0)
		fatal("connect", "peer=parent errno=%d", errno);
	return loop_run(front.loop) < 0;
}
