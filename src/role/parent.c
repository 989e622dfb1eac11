/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parent, sandglassd: reads the configuration, opens the listening socket and the images, starts the
 * other roles and gives each pair that talks to each other the two ends of a channel; starts again what
 * dies. It holds no request data: of a client it has only a copy of the connection (the lifeboat).
 *
 * It takes READY from all, HOLD and RELEASE from the front, KEYS from the store.
 *
 * SIGTERM or SIGINT: the front stops taking requests and finishes what it has, then the others are stopped.
 * A second one ends everything at once.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "config/config.h"
#include "ipc/park.h"
#include "ipc/walls.h"
#include "role/role.h"
#include "supervise/child.h"
#include "supervise/images.h"
#include "supervise/lifeboat.h"
#include "supervise/listen.h"

#define EXIT_USAGE 64 /* sysexits.h */

enum { CHILD_STORE, CHILD_FRONT, CHILD_SPAWNER, CHILD_COURIER, CHILD_FETCHER, CHILD_COUNT };

struct parent {
	struct loop *loop;
	struct config config;
	struct child children[CHILD_COUNT];
	struct image_entry images[IMAGES_MAX];
	int image_count;
	int listen_fd, config_fd;
	bool embedded, loopback, listening, stopping;
	unsigned port, signals;
	struct watch embedded_watch;
	struct lifeboat *lifeboat;
	bool keys_counted;
	int exit_code;
};

static struct parent parent = {.listen_fd = -1, .config_fd = -1};

static bool wanted(const struct child *child)
{
	if (child->role == ROLE_COURIER)
		return parent.config.webhooks && !parent.embedded;
	if (child->role == ROLE_FETCHER)
		return (parent.config.python_index_url[0] || parent.config.npm_registry_url[0]) && !parent.embedded;
	return !(parent.embedded && child->role == ROLE_STORE);
}

static void stop(int exit_code);

/* --- who talks to whom --- */

static void connect_pair(struct child *a, struct child *b)
{
	struct msg_connect to_a = {.role = b->role}, to_b = {.role = a->role};
	int ends[2];

	if (!child_is_running(a) || !child_is_running(b))
		return;
	if (channel_pair(ends) < 0)
		fatal("socketpair", "errno=%d", errno);
	channel_send(&a->channel, MSG_ANY_CONNECT, &to_a, &ends[0], 1);
	channel_send(&b->channel, MSG_ANY_CONNECT, &to_b, &ends[1], 1);
}

/* A sealed copy of the library that parks interpreters, which jails can load without a file of the host's. */
static int park_library(void)
{
	char path[4096];
	struct stat st;

	snprintf(path, sizeof(path), "%s/" PARK_LIBRARY, parent.config.libexec_dir);
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	int copy = memfd_create("park", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || copy < 0 || fstat(fd, &st) < 0 || sendfile(copy, fd, NULL, (size_t)st.st_size) != st.st_size ||
	    fd_seal(copy) < 0) {
		log_at(LOG_WARN, "no_warm_starts", "path=%s errno=%d", path, errno);
		return fd_close(copy);
	}
	return copy;
}

static void send_spawner_config(struct child *spawner)
{
	const struct config *c = &parent.config;
	struct msg_spawner_config msg;
	uint64_t waived = 0;

	memset(&msg, 0, sizeof(msg));
	walls_parse(c->allow_missing_walls, &waived, NULL);
	msg.uid_base = (uint32_t)c->uid_base;
	msg.slots_ready = (uint32_t)(parent.embedded ? 1 : c->slots_ready);
	msg.slots_max = (uint32_t)(c->runs_max + c->slots_ready + c->warm_slots_max + c->interpreters_max);
	msg.slots_parked = (uint32_t)c->warm_slots_max;
	msg.zygote_children_max = (uint32_t)c->zygote_children_max;
	msg.zygote_time_max_ms = (uint32_t)c->zygote_time_max_ms;
	msg.walls_waived = (uint32_t)waived;
	msg.nosymfollow = c->nosymfollow;
	msg.disk_bytes = c->disk_bytes_default;
	msg.memory_bytes = c->memory_bytes_default;
	msg.processes = c->processes_default;
	msg.open_files = c->open_files_default;
	msg.cpu_milli = c->cpu_milli_default;
	msg.memory_bytes_max = c->memory_bytes_max;
	msg.disk_bytes_max = c->disk_bytes_max;
	msg.processes_max = c->processes_max;
	msg.open_files_max = c->open_files_max;
	snprintf(msg.cgroup_parent, sizeof(msg.cgroup_parent), "%s", c->cgroup_parent);
	int park_fd = strcmp(c->warm, "off") == 0 ? -1 : park_library();
	channel_send(&spawner->channel, MSG_SPAWNER_CONFIGURE, &msg, &park_fd, park_fd < 0 ? 0 : 1);
}

static void send_images(struct child *child, enum msg_type type, bool with_fd)
{
	for (int i = 0; i < parent.image_count; i++) {
		int fd = with_fd ? dup(parent.images[i].root_fd) : -1;
		channel_send(&child->channel, type, &parent.images[i].msg, &fd, with_fd ? 1 : 0);
	}
}

static void on_spawner_started(struct child *child)
{
	send_spawner_config(child);
	send_images(child, MSG_SPAWNER_IMAGE, true);
	connect_pair(child, &parent.children[CHILD_FRONT]);
}

/* The store, the courier, the fetcher: the front alone talks to them. */
static void on_server_started(struct child *child)
{
	connect_pair(child, &parent.children[CHILD_FRONT]);
}

/* What the last front left idle, or had not begun to read. */
static void hand_over(struct child *front)
{
	struct msg_empty msg = {0};

	for (int fd; (fd = lifeboat_adrift(parent.lifeboat)) >= 0;)
		channel_send(&front->channel, MSG_FRONT_ADOPT, &msg, &fd, 1);
}

/* Clients are let in once it is known that keys guard the door, or that only this machine can reach it. */
static void maybe_listen(void)
{
	struct child *front = &parent.children[CHILD_FRONT];
	struct msg_listen msg = {.tls = parent.config.tls_certificate[0] != 0, .connected = parent.embedded};
	int fd;

	if (parent.listening || front->state != CHILD_UP || !(parent.embedded || parent.keys_counted))
		return;
	fd = dup(parent.listen_fd);
	if (parent.embedded)
		msg.tls = 0;
	channel_send(&front->channel, MSG_FRONT_LISTEN, &msg, &fd, 1);
	parent.listening = true;
	hand_over(front);
	if (!parent.embedded)
		log_at(LOG_INFO, "listening", "address=%s port=%u tls=%u", parent.config.listen, parent.port, msg.tls);
}

static void on_front_started(struct child *child)
{
	struct msg_lifeboat msg = {.places = (uint32_t)parent.config.connections_max, .embedded = parent.embedded};
	int fd = lifeboat_page_fd(parent.lifeboat);

	parent.listening = false;
	send_images(child, MSG_FRONT_IMAGE, false);
	channel_send(&child->channel, MSG_FRONT_LIFEBOAT, &msg, &fd, 1);
	connect_pair(child, &parent.children[CHILD_SPAWNER]);
	connect_pair(child, &parent.children[CHILD_STORE]);
	connect_pair(child, &parent.children[CHILD_COURIER]);
	connect_pair(child, &parent.children[CHILD_FETCHER]);
}

/* --- what children say --- */

static struct child *child_of(struct channel *channel)
{
	return container_of(channel, struct child, channel);
}

static void on_ready(struct channel *channel, struct message *message _unused_)
{
	struct child *child = child_of(channel);

	if (child->state == CHILD_STARTING)
		child->state = CHILD_UP;
	child->was_up = true;
	log_at(LOG_INFO, "child_ready", "child=%s took_ms=%llu", role_name(child->role),
	       (unsigned long long)((clock_now_ns() - child->started_ns) / NS_PER_MS));
	maybe_listen();
}

static void on_keys(struct channel *channel _unused_, struct message *message)
{
	const struct msg_keys_done *msg = message->body;

	if (!parent.loopback && msg->count == 0) {
		log_at(LOG_ERROR, "no_keys",
		       "text=\"Refusing to listen on %s without keys: make one with 'sandglass keys create' first.\"",
		       parent.config.listen);
		stop(ROLE_EXIT_CONFIG);
		return;
	}
	parent.keys_counted = true;
	maybe_listen();
}

static void on_hold(struct channel *channel _unused_, struct message *message)
{
	const struct msg_hold *msg = message->body;

	lifeboat_hold(parent.lifeboat, msg->place, msg_take_fd(message, 0));
}

static void on_release(struct channel *channel _unused_, struct message *message)
{
	const struct msg_hold *msg = message->body;

	lifeboat_release(parent.lifeboat, msg->place);
}

static const message_fn handlers[MSG_COUNT] = {
    [MSG_PARENT_READY] = on_ready,
    [MSG_PARENT_KEYS] = on_keys,
    [MSG_PARENT_HOLD] = on_hold,
    [MSG_PARENT_RELEASE] = on_release,
};

/* --- children die, wanted or not --- */

static void stop_next(void)
{
	/* the front first: it finishes what it has, with the others' help */
	static const int order[] = {CHILD_FRONT, CHILD_SPAWNER, CHILD_COURIER, CHILD_FETCHER, CHILD_STORE};

	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		struct child *child = &parent.children[order[i]];
		if (!child_is_running(child))
			continue;
		if (child->state != CHILD_STOPPING)
			child_stop(child);
		return;
	}
	loop_stop(parent.loop);
}

static void stop(int exit_code)
{
	if (parent.stopping)
		return;
	parent.stopping = true;
	parent.exit_code = exit_code;
	for (int i = 0; i < CHILD_COUNT; i++)
		loop_timer_cancel(parent.loop, &parent.children[i].restart_timer);
	stop_next();
}

static void on_exited(struct child *child, bool expected)
{
	if (child->role == ROLE_FRONT) {
		unsigned answered = lifeboat_abandon(parent.lifeboat);
		if (!expected)
			log_at(LOG_WARN, "front_abandoned", "answered=%u", answered);
	}
	if (parent.stopping)
		stop_next();
	else if (!child->was_up && child->exit_code == ROLE_EXIT_CONFIG)
		stop(ROLE_EXIT_CONFIG); /* it has said why, and would only say it again */
	else if (parent.embedded)
		stop(EXIT_FAILURE); /* its one client is lost with it */
	else
		child_restart_later(child);
}

static void on_signal(void *ctx _unused_, int signo)
{
	log_at(LOG_INFO, "signal", "signal=%d", signo);
	/* The first is not the second one because we are stopping already: an embedded server's client that
	 * dies closes its connection and sends one as well. */
	if (parent.signals++ == 0) {
		stop(EXIT_SUCCESS);
		return;
	}
	for (int i = 0; i < CHILD_COUNT; i++)
		child_kill(&parent.children[i]);
}

static void on_embedded_closed(struct watch *watch, uint32_t events _unused_)
{
	loop_remove(parent.loop, watch);
	stop(EXIT_SUCCESS);
}

/* --- start --- */

static void usage(FILE *out)
{
	fputs("usage: sandglassd [--config FILE] [--set NAME=VALUE]... [--embedded FD]\n"
	      "Serves the Sandglass API in the foreground; see sandglassd(8).\n",
	      out);
}

static _noreturn_ void refuse(const struct err *err)
{
	fprintf(stderr, "sandglassd: %s\n", err->text);
	exit(ROLE_EXIT_CONFIG);
}

/* The configuration is loaded when --set first needs it, so that --set wins over the file. */
static void set_option(const char *assignment)
{
	struct err err;
	char name[64];
	const char *equals = strchr(assignment, '=');

	if (!equals || (size_t)(equals - assignment) >= sizeof(name)) {
		usage(stderr);
		exit(EXIT_USAGE);
	}
	memcpy(name, assignment, (size_t)(equals - assignment));
	name[equals - assignment] = '\0';
	if (config_set(&parent.config, name, equals + 1, &err) < 0)
		refuse(&err);
}

static void check_walls(void)
{
	uint64_t waived;
	struct err err, named;

	if (walls_parse(parent.config.allow_missing_walls, &waived, &err) == 0)
		return;
	err_field(&named, ERR_CONFIG, "allow_missing_walls", "allow_missing_walls: %.160s", err.text);
	refuse(&named);
}

static void parse_options(int argc, char **argv)
{
	static const struct option options[] = {
	    {"config", required_argument, NULL, 'c'}, {"set", required_argument, NULL, 's'},
	    {"embedded", required_argument, NULL, 'e'}, {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'v'}, {0},
	};
	const char *config_path = NULL;
	const char *assignments[64];
	size_t count = 0;
	struct err err;

	for (int c; (c = getopt_long(argc, argv, "c:s:h", options, NULL)) != -1;) {
		if (c == 'c') {
			config_path = optarg;
		} else if (c == 's' && count < ARRAY_LEN(assignments)) {
			assignments[count++] = optarg;
		} else if (c == 'e') {
			parent.embedded = true;
			parent.listen_fd = atoi(optarg);
		} else if (c == 'v') {
			puts("sandglassd " SANDGLASS_VERSION);
			exit(0);
		} else {
			usage(c == 'h' ? stdout : stderr);
			exit(c == 'h' ? 0 : EXIT_USAGE);
		}
	}
	if (config_load(&parent.config, config_path, &err) < 0)
		refuse(&err);
	for (size_t i = 0; i < count; i++)
		set_option(assignments[i]);
	if (parent.embedded) /* its one run would not wait for them */
		set_option("warm=off");
	if (config_check(&parent.config, &err) < 0)
		refuse(&err);
	check_walls();
}

/* What children read instead of the file, so that all see the same settings. */
static void share_config(void)
{
	char *text = config_dump(&parent.config);

	parent.config_fd = text ? fd_sealed_copy("config", text, strlen(text)) : -1;
	free(text);
	if (parent.config_fd < 0)
		fatal("config_copy", "errno=%d", errno);
}

static void open_sockets(void)
{
	struct err err;

	if (parent.embedded) {
		parent.loopback = true;
		return;
	}
	parent.listen_fd = listen_open(parent.config.listen, &parent.loopback, &parent.port, &err);
	if (parent.listen_fd < 0)
		refuse(&err);
}

/* Every connection, pipe and pidfd counts; children inherit it. */
static void raise_open_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	rlim_t need = (rlim_t)(parent.config.connections_max + parent.config.runs_max * 16 + 4096);
	if (limit.rlim_cur >= need)
		return;
	limit.rlim_cur = need;
	limit.rlim_max = MAX_OF(limit.rlim_max, need);
	if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
		return;
	getrlimit(RLIMIT_NOFILE, &limit); /* without root: as far as it goes */
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static char *const store_argv[] = {"sandglass-store", ROLE_CONFIG_PATH, NULL};
static char *const front_argv[] = {"sandglass-front", ROLE_CONFIG_PATH, NULL};
static char *const courier_argv[] = {"sandglass-courier", ROLE_CONFIG_PATH, NULL};
static char *const fetcher_argv[] = {"sandglass-fetcher", ROLE_CONFIG_PATH, NULL};
static char *const spawner_argv[] = {"sandglass-spawner", NULL};

static void start_children(void)
{
	static const struct {
		enum role role;
		char *const *argv;
		void (*on_started)(struct child *);
	} rows[CHILD_COUNT] = {
	    [CHILD_STORE] = {ROLE_STORE, store_argv, on_server_started},
	    [CHILD_FRONT] = {ROLE_FRONT, front_argv, on_front_started},
	    [CHILD_SPAWNER] = {ROLE_SPAWNER, spawner_argv, on_spawner_started},
	    [CHILD_COURIER] = {ROLE_COURIER, courier_argv, on_server_started},
	    [CHILD_FETCHER] = {ROLE_FETCHER, fetcher_argv, on_server_started},
	};

	for (int i = 0; i < CHILD_COUNT; i++) {
		struct child *child = &parent.children[i];
		*child = (struct child){.role = rows[i].role, .binary = rows[i].argv[0], .argv = rows[i].argv,
		                        .on_started = rows[i].on_started, .on_exited = on_exited,
		                        .pidfd = -1, .channel.fd = -1, .loop = parent.loop,
		                        .libexec_dir = parent.config.libexec_dir,
		                        .config_fd = parent.config_fd, .handlers = handlers};
		if (wanted(child) && child_start(child) < 0)
			fatal("start", "child=%s errno=%d", child->binary, errno);
	}
}

static void watch_signals(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (loop_signals(parent.loop, &set, on_signal, NULL) < 0)
		fatal("signals", "errno=%d", errno);
}

int main(int argc, char **argv)
{
	struct err err;

	log_init("parent", LOG_INFO);
	parse_options(argc, argv);
	role_set_log_level("parent", parent.config.log_level);
	open_sockets();
	parent.image_count = images_open(&parent.config, parent.images, &err);
	if (parent.image_count < 0)
		refuse(&err);
	raise_open_files();
	share_config();
	parent.loop = loop_create();
	parent.lifeboat = lifeboat_create((uint32_t)parent.config.connections_max);
	if (!parent.loop || !parent.lifeboat)
		fatal("no_memory", "errno=%d", errno);
	watch_signals();
	start_children();
	if (parent.embedded &&
	    loop_add(parent.loop, &parent.embedded_watch, parent.listen_fd, EPOLLRDHUP, on_embedded_closed) < 0)
		fatal("embedded", "errno=%d", errno);
	if (loop_run(parent.loop) < 0)
		fatal("loop", "errno=%d", errno);
	log_at(LOG_INFO, "stopped", "code=%d", parent.exit_code);
	return parent.exit_code;
}
