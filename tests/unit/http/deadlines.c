/* SPDX-License-Identifier: Apache-2.0 */
/* Each phase has its deadline, and no trickle of bytes moves it. */
#define _GNU_SOURCE
#include "tests/unit/http/rig.h"

#include <stdio.h>
#include <sys/socket.h>

#include "tests/unit/unit.h"

#define POST "POST /echo HTTP/1.1\r\nHost: a\r\n"

static struct rig rig;
static struct rig_client client;
static uint64_t began_ns;

static void start(const struct http_config *config)
{
	began_ns = clock_now_ns();
	rig_start(&rig, config);
	rig_connect(&rig, &client);
}

static int tear_down(void **state _unused_)
{
	rig_client_finish(&client);
	rig_finish(&rig);
	return 0;
}

/*
 * Sends a byte every 5 ms until the outcome is there. It may come late on a busy machine, but not
 * before least_ms have passed since the start.
 */
static void trickle(const char *text, unsigned least_ms, const char *outcome)
{
	for (unsigned i = 0; i < 600; i++) {
		if (strcmp(rig_outcome(&client, false), outcome) == 0)
			break;
		if (*text)
			rig_send(&rig, &client, text++, 1);
		rig_run_ms(&rig, 5);
	}
	assert_string_equal(rig_outcome(&client, false), outcome);
	assert_true(clock_now_ns() - began_ns >= least_ms * NS_PER_MS);
}

static void slow_head(void **state _unused_)
{
	struct http_config config = rig_config;

	config.header_time_ms = 60;
	start(&config);
	trickle("GET /echo HTTP/1.1\r\nHost: aaaaaaaaaaaaaaaaaaaaaaaaa", 60, "408 close");
	assert_true(rig_came(&client, "\"request_timeout\""));
	assert_int_equal(http_server_counters(rig.server)->timeouts, 1);
}

static void connection_without_a_byte(void **state _unused_)
{
	struct http_config config = rig_config;

	config.header_time_ms = 60;
	start(&config);
	trickle("", 60, "close");
}

static void slow_body(void **state _unused_)
{
	struct http_config config = rig_config;

	config.body_time_ms = 60;
	config.body_rate_bytes = 1000;
	start(&config);
	rig_send_text(&rig, &client, POST "Content-Length: 1000\r\n\r\n");
	/* a byte in 5 ms is 200 a second: each of the 15 or so buys one more millisecond */
	trickle("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 60, "408 close");
}

static void slow_chunks(void **state _unused_)
{
	struct http_config config = rig_config;

	config.body_time_ms = 60;
	start(&config);
	rig_send_text(&rig, &client, POST "Transfer-Encoding: chunked\r\n\r\n");
	trickle("1\r\na\r\n1\r\na\r\n1\r\na\r\n1\r\na\r\n1\r\na\r\n1\r\na\r\n1\r\na\r\n", 60,
		"408 close");
}

static void body_fast_enough(void **state _unused_)
{
	struct http_config config = rig_config;
	char part[100];

	memset(part, 'a', sizeof(part));
	config.body_time_ms = 100;
	config.body_rate_bytes = 1000;
	start(&config);
	rig_send_text(&rig, &client, POST "Content-Length: 2000\r\n\r\n");
	for (unsigned i = 0; i < 20; i++) { /* 400 ms in all */
		rig_send(&rig, &client, part, sizeof(part));
		rig_run_ms(&rig, 20);
	}
	rig_expect(&rig, &client, "200");
}

static void idle_after_a_reply(void **state _unused_)
{
	struct http_config config = rig_config;

	config.idle_time_ms = 60;
	start(&config);
	rig_send_text(&rig, &client, "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
	rig_expect(&rig, &client, "200");
	trickle("", 60, "200 close");
	assert_int_equal(http_server_counters(rig.server)->open, 0);
}

static void waiting_has_no_deadline_here(void **state _unused_)
{
	struct http_config config = rig_config;

	config.header_time_ms = config.body_time_ms = config.idle_time_ms = config.write_time_ms =
	    10;
	start(&config);
	rig_send_text(&rig, &client, "GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
	rig_run_ms(&rig, 60);
	assert_int_equal(rig.waiting_count, 1);
	assert_int_equal(http_server_counters(rig.server)->open, 1);
}

static void reader_that_takes_nothing(void **state _unused_)
{
	struct http_config config = rig_config;

	config.write_time_ms = 60;
	start(&config);
	rig_send_text(&rig, &client, "GET /big?5000000 HTTP/1.1\r\nHost: a\r\n\r\n");
	for (unsigned i = 0; i < 300 && http_server_counters(rig.server)->open; i++)
		rig_run_ms(&rig, 10);
	assert_int_equal(http_server_counters(rig.server)->open, 0);
	assert_true(clock_now_ns() - began_ns >= 60 * NS_PER_MS);
	assert_int_equal(http_server_counters(rig.server)->timeouts, 1);
}

static void slow_reader_that_takes_some(void **state _unused_)
{
	struct http_config config = rig_config;
	static char taken[20000];
	size_t total = 0;

	config.write_time_ms = 500; /* the whole takes three times as long */
	start(&config);
	rig_send_text(&rig, &client, "GET /big?3000000 HTTP/1.1\r\nHost: a\r\n\r\n");
	for (unsigned i = 0; i < 1000 && total < 3000000; i++) {
		ssize_t got = recv(client.fd, taken, sizeof(taken), MSG_DONTWAIT);
		total += got > 0 ? (size_t)got : 0;
		rig_run_ms(&rig, 10);
	}
	assert_in_range(total, 3000000, 3001000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(slow_head),
	    TEST(connection_without_a_byte),
	    TEST(slow_body),
	    TEST(slow_chunks),
	    TEST(body_fast_enough),
	    TEST(idle_after_a_reply),
	    TEST(waiting_has_no_deadline_here),
	    TEST(reader_that_takes_nothing),
	    TEST(slow_reader_that_takes_some),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
