/* SPDX-License-Identifier: Apache-2.0 */
/* What a connection does over its life: replies of every size, pipelining, waiting, ceilings,
 * drain. */
#define _GNU_SOURCE
#include "tests/unit/http/rig.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "http/connection.h"
#include "tests/unit/unit.h"

#define GET(target) "GET " target " HTTP/1.1\r\nHost: a\r\n\r\n"

static struct rig rig;
static struct rig_client client;

static int set_up(void **state _unused_)
{
	rig_start(&rig, NULL);
	rig_connect(&rig, &client);
	return 0;
}

static int tear_down(void **state _unused_)
{
	rig_client_finish(&client);
	rig_finish(&rig);
	return 0;
}

static uint64_t cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * NS_PER_SEC + (uint64_t)now.tv_nsec;
}

static void answer(unsigned at, const char *text)
{
	struct http_request *request = rig.waiting[at];
	struct http_reply reply = {
	    .status = 200, .content_type = "text/plain", .body = slice_from(text)};

	rig.waiting[at] = rig.waiting[--rig.waiting_count];
	http_reply(request, &reply);
}

/* --- replies --- */

static void head_has_the_length_and_no_body(void **state _unused_)
{
	rig_send_text(&rig, &client,
		      "HEAD /echo HTTP/1.1\r\nHost: a\r\n\r\nHEAD /big?70000 HTTP/1.1\r\n"
		      "Host: a\r\n\r\nHEAD /echo HTTP/1.1\r\n\r\n");
	assert_true(rig_reaches(&rig, &client, "200 200 400 close", true));
	assert_true(
	    rig_came(&client, "Content-Length: 12\r\nContent-Type: text/plain\r\n\r\nHTTP/1.1"));
	assert_true(rig_came(&client, "Content-Length: 70000\r\n"));
}

static void no_content_has_no_length(void **state _unused_)
{
	rig_send_text(&rig, &client, GET("/empty"));
	rig_expect(&rig, &client, "204");
	assert_false(rig_came(&client, "Content-"));
}

static void big_replies_arrive_whole(void **state _unused_)
{
	static const char *const targets[] = {GET("/big?5000000"), GET("/owned?5000000"),
					      GET("/owned?0")};

	for (size_t i = 0; i < ARRAY_LEN(targets); i++)
		rig_send_text(&rig, &client, targets[i]);
	rig_expect(&rig, &client, "200 200 200");
	assert_in_range(client.in.len, 10000000, 10001000);
}

static void headers_of_handlers_cannot_split_the_reply(void **state _unused_)
{
	rig_send_text(&rig, &client, GET("/moved?/there"));
	rig_expect(&rig, &client, "303");
	assert_true(rig_came(&client, "\r\nLocation: /there\r\n"));
	rig_send_text(&rig, &client, GET("/moved?/a%0d%0aSet-Cookie:%20b"));
	rig_expect(&rig, &client, "303 500 close");
	assert_false(rig_came(&client, "Set-Cookie"));
}

static void too_large_head_of_a_handler_is_our_failure(void **state _unused_)
{
	struct http_header header = {slice_from("X-A"), {NULL, 0}};
	struct http_reply reply = {.status = 200, .headers = &header, .header_count = 1};
	char *value = calloc(1, HTTP_REPLY_HEAD_BYTES_MAX);

	memset(value, 'a', HTTP_REPLY_HEAD_BYTES_MAX);
	header.value = (struct slice){value, HTTP_REPLY_HEAD_BYTES_MAX};
	rig_send_text(&rig, &client, GET("/later"));
	rig_step(&rig);
	assert_int_equal(rig.waiting_count, 1);
	http_reply(rig.waiting[0], &reply);
	rig.waiting_count = 0;
	rig_expect(&rig, &client, "500 close");
	free(value);
}

/* --- requests --- */

static void continue_is_sent_when_the_body_is_awaited(void **state _unused_)
{
	rig_send_text(
	    &rig, &client,
	    "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
	rig_expect(&rig, &client, "100");
	rig_send_text(&rig, &client, "hi");
	rig_expect(&rig, &client, "100 200");
	assert_true(rig_came(&client, "POST /echo? hi"));
}

static void continue_is_sent_for_chunks(void **state _unused_)
{
	rig_send_text(&rig, &client,
		      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
		      "Expect: 100-Continue\r\n\r\n");
	rig_expect(&rig, &client, "100");
	rig_send_text(&rig, &client, "2\r\nhi\r\n0\r\n\r\n");
	rig_expect(&rig, &client, "100 200");
}

static void continue_is_not_sent_without_need(void **state _unused_)
{
	rig_send_text(&rig, &client,
		      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
		      "Expect: 100-continue\r\n\r\nhi"
		      "GET /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n"
		      "POST /echo HTTP/1.0\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
	rig_run_ms(&rig, 5);
	assert_string_equal(rig_outcome(&client, false), "200 200");
	rig_send_text(&rig, &client, "hi");
	rig_expect(&rig, &client, "200 200 200 close");
}

static void large_body_is_refused_before_it_is_sent(void **state _unused_)
{
	rig_send_text(&rig, &client,
		      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n"
		      "Expect: 100-continue\r\n\r\n");
	rig_expect(&rig, &client, "413 close");
	assert_true(rig_came(&client, "\"body_too_large\""));
}

static void a_handler_may_refuse_by_the_head(void **state _unused_)
{
	rig_send_text(&rig, &client,
		      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
		      "POST /never HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n"
		      "Expect: 100-continue\r\n\r\n");
	rig_expect(&rig, &client, "200 401 close");
	assert_int_equal(rig.requests, 1);
}

static void replies_that_nobody_takes_have_a_ceiling(void **state _unused_)
{
	struct rig_client second;

	rig_send_text(&rig, &client, GET("/owned?300000000"));
	rig_run_ms(&rig, 5);
	rig_connect(&rig, &second);
	rig_send_text(&rig, &second, GET("/owned?300000000"));
	rig_expect(&rig, &second, "503 close");
	rig_client_finish(&second);
	rig_client_finish(&client); /* what the first did not take is free again */
	rig_run_ms(&rig, 5);
	rig_connect(&rig, &client);
	rig_send_text(&rig, &client, GET("/owned?300000000"));
	rig_run_ms(&rig, 5);
	rig_receive(&client);
	assert_true(rig_came(&client, "HTTP/1.1 200 "));
}

static void refusal_outlives_what_is_still_sent(void **state _unused_)
{
	size_t bytes = 8 * MIB;
	char *body = calloc(1, bytes);

	rig_send_text(&rig, &client,
		      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 8388608\r\n\r\n");
	rig_send(&rig, &client, body, bytes);
	rig_expect(&rig, &client, "413 close");
	assert_int_equal(http_server_counters(rig.server)->open, 1);
	rig_client_finish(&client);
	rig_run_ms(&rig, 1);
	assert_int_equal(http_server_counters(rig.server)->open, 0);
	free(body);
}

static void send_body(size_t bytes, bool chunked)
{
	char head[160], *body = malloc(bytes);

	memset(body, 'b', bytes);
	snprintf(head, sizeof(head),
		 chunked
		     ? "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n%zx\r\n"
		     : "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n",
		 bytes);
	rig_send_text(&rig, &client, head);
	rig_send(&rig, &client, body, bytes);
	if (chunked)
		rig_send_text(&rig, &client, "\r\n0\r\n\r\n");
	free(body);
}

static void send_filled(const char *before, size_t bytes, const char *after)
{
	char *fill = malloc(bytes);

	memset(fill, 'a', bytes);
	rig_send_text(&rig, &client, before);
	rig_send(&rig, &client, fill, bytes);
	rig_send_text(&rig, &client, after);
	free(fill);
}

static void largest_body_fits_and_one_more_does_not(void **state _unused_)
{
	send_body(rig_config.body_bytes_max, false);
	rig_expect(&rig, &client, "200");
	send_body(rig_config.body_bytes_max, true);
	rig_expect(&rig, &client, "200 200");
	assert_in_range(client.in.len, 2 * rig_config.body_bytes_max,
			2 * rig_config.body_bytes_max + 1000);
	send_body(rig_config.body_bytes_max + 1, true);
	rig_expect(&rig, &client, "200 200 413 close");
}

static void all_bodies_together_have_a_ceiling(void **state _unused_)
{
	struct rig_client other;

	rig.server->body_bytes_max = 1500;
	rig_connect(&rig, &other);
	rig_send_text(&rig, &client,
		      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n");
	rig_send_text(&rig, &other,
		      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 501\r\n\r\n");
	send_filled("", 1000, "");
	rig_run_ms(&rig, 1);
	struct rig_client first = client;
	client = other;
	send_filled("", 501, "");
	rig_expect(&rig, &client, "503 close");
	rig_client_finish(&client);
	client = first;
	rig_send_text(&rig, &client, "a");
	rig_expect(&rig, &client, "200");
	assert_int_equal(rig.server->body_bytes, 0);
}

/* --- ceilings of the head: N works, N+1 does not --- */

static void target_has_a_ceiling(void **state _unused_)
{
	send_filled("GET /echo?", HTTP_TARGET_BYTES_MAX - 6, " HTTP/1.1\r\nHost: a\r\n\r\n");
	rig_expect(&rig, &client, "200");
	send_filled("GET /echo?", HTTP_TARGET_BYTES_MAX - 5, " HTTP/1.1\r\nHost: a\r\n\r\n");
	rig_expect(&rig, &client, "200 414 close");
}

static void endless_target_is_refused_at_once(void **state _unused_)
{
	send_filled("GET /", HTTP_TARGET_BYTES_MAX + HTTP_METHOD_BYTES_MAX, "");
	rig_expect(&rig, &client, "414 close");
}

static void head_has_a_ceiling(void **state _unused_)
{
	static const char before[] = "GET /echo HTTP/1.1\r\nHost: a\r\nX-A: ";
	size_t room = HTTP_HEAD_BYTES_MAX - strlen(before) - 4;

	send_filled(before, room - 1, "\r\n\r\n");
	rig_expect(&rig, &client, "200");
	send_filled(before, room + 1, "\r\n\r\n");
	rig_expect(&rig, &client, "200 431 close");
}

static void headers_have_a_ceiling(void **state _unused_)
{
	for (unsigned headers = HTTP_HEADERS_MAX; headers <= HTTP_HEADERS_MAX + 1; headers++) {
		rig_send_text(&rig, &client, "GET /echo HTTP/1.1\r\nHost: a\r\n");
		for (unsigned i = 1; i < headers; i++)
			rig_send_text(&rig, &client, "X: y\r\n");
		rig_send_text(&rig, &client, "\r\n");
	}
	rig_expect(&rig, &client, "200 431 close");
}

static void chunk_extensions_have_a_ceiling(void **state _unused_)
{
	rig_send_text(&rig, &client,
		      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
	send_filled("1;", HTTP_CHUNK_LINE_BYTES_MAX - 4, "\r\na\r\n0\r\n\r\n");
	rig_expect(&rig, &client, "200");
	rig_send_text(&rig, &client,
		      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
	send_filled("1;", HTTP_CHUNK_LINE_BYTES_MAX - 3, "\r\na\r\n0\r\n\r\n");
	rig_expect(&rig, &client, "200 400 close");
}

static void many_chunk_extensions_have_a_ceiling(void **state _unused_)
{
	rig_send_text(&rig, &client,
		      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (unsigned i = 0; i < 200; i++)
		send_filled("1;", 100, "\r\na\r\n");
	rig_expect(&rig, &client, "400 close");
}

static void trailers_have_a_ceiling(void **state _unused_)
{
	rig_send_text(
	    &rig, &client,
	    "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-A: ");
	send_filled("", HTTP_FRAMING_BYTES_MAX, "\r\n\r\n");
	rig_expect(&rig, &client, "400 close");
}

static void many_small_chunks_are_no_attack(void **state _unused_)
{
	rig_send_text(&rig, &client,
		      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (unsigned i = 0; i < 20000; i++)
		rig_send_text(&rig, &client, "1\r\na\r\n");
	rig_send_text(&rig, &client, "0\r\n\r\n");
	rig_expect(&rig, &client, "200");
	assert_in_range(client.in.len, 20000, 20300);
}

/* --- waiting --- */

static void pipelined_requests_wait_for_their_turn(void **state _unused_)
{
	rig_send_text(&rig, &client, GET("/later") GET("/later") GET("/echo"));
	rig_run_ms(&rig, 2);
	assert_int_equal(rig.waiting_count, 1);
	answer(0, "first");
	assert_int_equal(rig.requests, 1); /* no handler is called from http_reply */
	rig_run_ms(&rig, 2);
	assert_string_equal(rig_outcome(&client, false), "200");
	assert_int_equal(rig.waiting_count, 1);
	answer(0, "second");
	rig_expect(&rig, &client, "200 200 200");
	assert_int_equal(rig.requests, 3);
}

static void bytes_sent_ahead_do_not_spin_the_loop(void **state _unused_)
{
	static char ahead[64 * KIB];

	rig_send_text(&rig, &client, GET("/later"));
	rig_step(&rig);
	send(client.fd, ahead, sizeof(ahead), MSG_DONTWAIT);
	uint64_t before_ns = cpu_ns();
	rig_run_ms(&rig, 100);
	assert_in_range(cpu_ns() - before_ns, 0, 20 * NS_PER_MS);
	answer(0, "first");
	rig_expect(&rig, &client, "200 400 close");
}

static void handler_hears_of_a_client_that_left(void **state _unused_)
{
	rig_send_text(&rig, &client, GET("/later") GET("/echo"));
	rig_step(&rig);
	assert_int_equal(rig.waiting_count, 1);
	assert_int_equal(http_server_pending(rig.server), 1);
	rig_client_finish(&client);
	rig_run_ms(&rig, 2);
	assert_int_equal(rig.gone, 1);
	assert_int_equal(rig.waiting_count, 0);
	assert_int_equal(http_server_pending(rig.server), 0);
	assert_int_equal(http_server_counters(rig.server)->open, 0);
}

static void half_closed_client_counts_as_gone(void **state _unused_)
{
	rig_send_text(&rig, &client, GET("/later"));
	rig_step(&rig);
	shutdown(client.fd, SHUT_WR);
	rig_run_ms(&rig, 2);
	assert_int_equal(rig.gone, 1);
}

static void half_closed_client_gets_a_reply_that_is_ready(void **state _unused_)
{
	rig_send_text(&rig, &client, GET("/big?3000000"));
	shutdown(client.fd, SHUT_WR);
	rig_expect(&rig, &client, "200 close");
}

static void handler_hears_of_the_end_of_the_server(void **state _unused_)
{
	rig_send_text(&rig, &client, GET("/later"));
	rig_step(&rig);
	http_server_destroy(rig.server);
	assert_int_equal(rig.gone, 1);
	rig.server = NULL;
}

static void reply_to_a_client_that_left_is_no_error(void **state _unused_)
{
	rig_send_text(&rig, &client, GET("/later"));
	rig_step(&rig);
	rig_client_finish(&client);
	answer(0, "nobody"); /* before the loop has seen it */
	rig_run_ms(&rig, 2);
	assert_int_equal(rig.gone, 0);
	assert_int_equal(http_server_counters(rig.server)->open, 0);
}

/* --- drain --- */

static void drain_closes_idle_ones_and_finishes_the_rest(void **state _unused_)
{
	struct rig_client busy, reading;

	rig_connect(&rig, &busy);
	rig_connect(&rig, &reading);
	rig_send_text(&rig, &busy, GET("/later"));
	rig_send_text(&rig, &reading, "GET /echo HTTP/1.1\r\n");
	rig_run_ms(&rig, 2);
	http_server_drain(rig.server);
	rig_expect(&rig, &client, "close");
	assert_int_equal(http_server_pending(rig.server), 1);
	answer(0, "last");
	rig_expect(&rig, &busy, "200 close");
	assert_true(rig_came(&busy, "Connection: close"));
	rig_send_text(&rig, &reading, "Host: a\r\n\r\n");
	rig_expect(&rig, &reading, "503 close");
	assert_true(rig_came(&reading, "\"draining\""));
	assert_int_equal(http_server_pending(rig.server), 0);
	rig_client_finish(&busy);
	rig_client_finish(&reading);
}

/* --- the lifeboat --- */

static void lifeboat_follows_the_connection(void **state _unused_)
{
	rig_send_text(&rig, &client, "GET /later HTTP/1.1\r\n");
	assert_int_equal(rig.lifeboat[0], LIFEBOAT_IDLE);
	rig_step(&rig);
	assert_int_equal(rig.lifeboat[0], LIFEBOAT_WAITING);
	rig_send_text(&rig, &client, "Host: a\r\n\r\n");
	rig_step(&rig);
	assert_int_equal(rig.waiting_count, 1);
	assert_int_equal(rig.lifeboat[0], LIFEBOAT_WAITING);
	answer(0, "now");
	assert_int_equal(rig.lifeboat[0], LIFEBOAT_IDLE);
	rig_send_text(&rig, &client, GET("/big?5000000"));
	rig_step(&rig);
	assert_int_equal(rig.lifeboat[0], LIFEBOAT_CLOSED); /* half of it is out */
	rig_expect(&rig, &client, "200 200");
	assert_int_equal(rig.lifeboat[0], LIFEBOAT_IDLE);
}

static void close_ends_the_connection_for_the_copy_too(void **state _unused_)
{
	int copy = dup(rig.held[0]);

	http_server_drain(rig.server);
	assert_int_equal(rig.held[0], -1);
	rig_expect(&rig, &client, "close");
	fd_close(copy);
}

static void places_are_used_again(void **state _unused_)
{
	struct rig_client clients[RIG_PLACES];

	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 1; i < RIG_PLACES; i++)
			rig_connect(&rig, &clients[i]);
		for (unsigned i = 0; i < RIG_PLACES; i++)
			assert_true(rig.held[i] >= 0);
		for (unsigned i = 1; i < RIG_PLACES; i++)
			rig_client_finish(&clients[i]);
		rig_run_ms(&rig, 2);
		assert_int_equal(http_server_counters(rig.server)->open, 1);
	}
}

/* --- listening and caps --- */

static int listen_on_loopback(struct sockaddr_in *ret_address)
{
	socklen_t len = sizeof(*ret_address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*ret_address =
	    (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	assert_int_equal(bind(fd, (struct sockaddr *)ret_address, sizeof(*ret_address)), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)ret_address, &len), 0);
	return fd;
}

/* from: the last number of the client's own address in 127/8 */
static void connect_from(struct rig_client *ret, const struct sockaddr_in *server, unsigned from)
{
	struct sockaddr_in own = {.sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(0x7f000000 + from)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)server, sizeof(*server)), 0);
	fd_set_nonblock(fd);
	*ret = (struct rig_client){.fd = fd};
	buf_init(&ret->in, MIB);
}

static void caps_by_address_and_in_all(void **state _unused_)
{
	struct http_config config = rig_config;
	struct rig_client clients[8];
	struct sockaddr_in address;

	tear_down(NULL);
	config.connections_max = 5;
	config.connections_max_per_ip = 2;
	rig_start(&rig, &config);
	rig_connect(&rig, &client); /* a place that is no address's */
	assert_int_equal(http_server_listen(rig.server, listen_on_loopback(&address), false, NULL),
			 0);
	for (unsigned i = 0; i < 8; i++)
		connect_from(&clients[i], &address,
			     2 + i / 3); /* .2 three times, .3 three times, .4 twice */
	rig_run_ms(&rig, 5);
	for (unsigned i = 0; i < 8; i++) {
		rig_send_text(&rig, &clients[i], GET("/echo"));
		bool over = i == 2 || i == 5 || i >= 6; /* the fifth place is the socketpair's */
		if (over)
			rig_run_ms(&rig, 2);
		else
			rig_expect(&rig, &clients[i], "200");
		rig_receive(&clients[i]);
		assert_int_equal(clients[i].closed || clients[i].reset, over);
	}
	assert_int_equal(http_server_counters(rig.server)->refused, 4);
	assert_int_equal(http_server_counters(rig.server)->open, 5);
	for (unsigned i = 0; i < 8; i++)
		rig_client_finish(&clients[i]);
	rig_run_ms(&rig, 2);
	assert_int_equal(http_server_counters(rig.server)->open, 1);
	connect_from(&clients[0], &address, 2);
	rig_send_text(&rig, &clients[0], GET("/echo"));
	rig_expect(&rig, &clients[0], "200");
	rig_client_finish(&clients[0]);
}

static void no_descriptors_left_does_not_spin(void **state _unused_)
{
	struct rlimit limit, none;
	struct sockaddr_in address;
	struct rig_client late;

	assert_int_equal(http_server_listen(rig.server, listen_on_loopback(&address), false, NULL),
			 0);
	connect_from(&late, &address, 2);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = (struct rlimit){.rlim_cur = (rlim_t)late.fd + 1, .rlim_max = limit.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	uint64_t before_ns = cpu_ns();
	rig_run_ms(&rig, 100);
	assert_in_range(cpu_ns() - before_ns, 0, 20 * NS_PER_MS);
	assert_int_equal(http_server_counters(rig.server)->open, 1);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	rig_send_text(&rig, &late, GET("/echo"));
	rig_expect(&rig, &late, "200");
	rig_client_finish(&late);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(head_has_the_length_and_no_body),
	    TEST(no_content_has_no_length),
	    TEST(big_replies_arrive_whole),
	    TEST(headers_of_handlers_cannot_split_the_reply),
	    TEST(too_large_head_of_a_handler_is_our_failure),
	    TEST(continue_is_sent_when_the_body_is_awaited),
	    TEST(continue_is_sent_for_chunks),
	    TEST(continue_is_not_sent_without_need),
	    TEST(large_body_is_refused_before_it_is_sent),
	    TEST(a_handler_may_refuse_by_the_head),
	    TEST(replies_that_nobody_takes_have_a_ceiling),
	    TEST(refusal_outlives_what_is_still_sent),
	    TEST(largest_body_fits_and_one_more_does_not),
	    TEST(all_bodies_together_have_a_ceiling),
	    TEST(target_has_a_ceiling),
	    TEST(endless_target_is_refused_at_once),
	    TEST(head_has_a_ceiling),
	    TEST(headers_have_a_ceiling),
	    TEST(chunk_extensions_have_a_ceiling),
	    TEST(many_chunk_extensions_have_a_ceiling),
	    TEST(trailers_have_a_ceiling),
	    TEST(many_small_chunks_are_no_attack),
	    TEST(pipelined_requests_wait_for_their_turn),
	    TEST(bytes_sent_ahead_do_not_spin_the_loop),
	    TEST(handler_hears_of_a_client_that_left),
	    TEST(half_closed_client_counts_as_gone),
	    TEST(half_closed_client_gets_a_reply_that_is_ready),
	    TEST(handler_hears_of_the_end_of_the_server),
	    TEST(reply_to_a_client_that_left_is_no_error),
	    TEST(drain_closes_idle_ones_and_finishes_the_rest),
	    TEST(lifeboat_follows_the_connection),
	    TEST(close_ends_the_connection_for_the_copy_too),
	    TEST(places_are_used_again),
	    TEST(caps_by_address_and_in_all),
	    TEST(no_descriptors_left_does_not_spin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
