/* SPDX-License-Identifier: Apache-2.0 */
/* Answers in pieces: their framing, their back-pressure, and what becomes of them when either side
 * goes. */
#define _GNU_SOURCE
#include "tests/unit/http/rig.h"

#include <sys/socket.h>

#include "tests/unit/unit.h"

#define LATER "/later HTTP/1.1\r\nHost: a\r\n\r\n"

static struct rig rig;
static struct rig_client client;
static unsigned drained;

static int tear_down(void **state _unused_)
{
	rig_client_finish(&client);
	rig_finish(&rig);
	return 0;
}

static void on_drained(struct http_request *request _unused_)
{
	drained++;
}

/* The request that the client has sent, with an answer begun. */
static struct http_request *begin(const char *request_text, const struct http_config *config)
{
	rig_start(&rig, config);
	rig_connect(&rig, &client);
	rig_send_text(&rig, &client, request_text);
	while (rig.waiting_count == 0)
		rig_step(&rig);
	struct http_request *request = rig.waiting[0];
	const struct http_reply reply = {.status = 200, .content_type = "text/event-stream"};
	drained = 0;
	request->on_drained = on_drained;
	assert_int_equal(http_stream_begin(request, &reply), 0);
	return request;
}

static void expect(const char *text)
{
	for (unsigned i = 0; i < 200 && !rig_came(&client, text); i++) {
		rig_run_ms(&rig, 5);
		rig_receive(&client);
	}
	assert_true(rig_came(&client, text));
}

static void pieces_are_chunks_and_the_connection_goes_on(void **state _unused_)
{
	struct http_request *request = begin("GET " LATER, &rig_config);

	expect("Transfer-Encoding: chunked\r\n");
	assert_false(rig_came(&client, "Content-Length"));
	http_stream_write(request, SLICE_LITERAL("hello"));
	http_stream_write(request, (struct slice){0}); /* would be the end */
	http_stream_write(request, SLICE_LITERAL("0123456789abcdefg"));
	expect("\r\n\r\n5\r\nhello\r\n11\r\n0123456789abcdefg\r\n");
	http_stream_end(request);
	expect("g\r\n0\r\n\r\n");
	rig_send_text(&rig, &client, "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
	expect("0\r\n\r\nHTTP/1.1 200 OK\r\n");
}

static void what_was_sent_ahead_is_answered_behind_it(void **state _unused_)
{
	struct http_request *request =
	    begin("GET " LATER "GET /empty HTTP/1.1\r\nHost: a\r\n\r\n", &rig_config);

	http_stream_write(request, SLICE_LITERAL("x"));
	http_stream_end(request);
	expect("1\r\nx\r\n0\r\n\r\nHTTP/1.1 204 ");
}

static void http_1_0_has_no_chunks_and_ends_with_the_connection(void **state _unused_)
{
	struct http_request *request =
	    begin("GET /later HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n", &rig_config);

	http_stream_write(request, SLICE_LITERAL("plain"));
	http_stream_end(request);
	expect("\r\n\r\nplain");
	assert_true(rig_came(&client, "Connection: close\r\n"));
	assert_false(rig_came(&client, "chunked"));
	for (unsigned i = 0; i < 200 && !client.closed; i++) {
		rig_run_ms(&rig, 5);
		rig_receive(&client);
	}
	assert_true(client.closed);
}

static void head_has_no_pieces(void **state _unused_)
{
	struct http_request *request = begin("HEAD " LATER, &rig_config);

	http_stream_write(request, SLICE_LITERAL("nothing"));
	http_stream_end(request);
	rig_send_text(&rig, &client, "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
	expect("\r\n\r\nHTTP/1.1 200 OK\r\n");
	assert_false(rig_came(&client, "nothing"));
}

static void a_slow_client_fills_it_and_drains_it(void **state _unused_)
{
	static char piece[16 * KIB];
	struct http_request *request = begin("GET " LATER, &rig_config);
	size_t given = 0;

	memset(piece, 'p', sizeof(piece));
	while (!http_stream_is_full(request) && given < 64 * MIB) {
		http_stream_write(request, (struct slice){piece, sizeof(piece)});
		rig_step(&rig);
		given += sizeof(piece);
	}
	assert_true(http_stream_is_full(request));
	assert_true(given < 4 * MIB);
	assert_int_equal(drained, 0);
	for (unsigned i = 0; i < 1000 && !drained; i++) {
		rig_receive(&client);
		rig_run_ms(&rig, 1);
	}
	assert_int_equal(drained, 1);
	assert_false(http_stream_is_full(request));
	http_stream_end(request);
	expect("0\r\n\r\n");
}

static void one_who_takes_nothing_is_reset(void **state _unused_)
{
	static char piece[512 * KIB];
	struct http_config config = rig_config;

	config.write_time_ms = 60;
	struct http_request *request = begin("GET " LATER, &config);
	http_stream_write(request, (struct slice){piece, sizeof(piece)});
	http_stream_write(request, (struct slice){piece, sizeof(piece) / 2});
	for (unsigned i = 0; i < 400 && !rig.gone; i++)
		rig_run_ms(&rig, 5);
	assert_int_equal(rig.gone, 1);
	assert_int_equal(http_server_counters(rig.server)->timeouts, 1);
}

static void the_handler_hears_when_the_client_goes(void **state _unused_)
{
	struct http_request *request = begin("GET " LATER, &rig_config);

	http_stream_write(request, SLICE_LITERAL("x"));
	expect("1\r\nx");
	shutdown(client.fd, SHUT_WR);
	for (unsigned i = 0; i < 200 && !rig.gone; i++)
		rig_run_ms(&rig, 5);
	assert_int_equal(rig.gone, 1);
}

static void a_header_with_a_line_break_is_none(void **state _unused_)
{
	const struct http_header header = {SLICE_LITERAL("A"), SLICE_LITERAL("b\r\nC: d")};
	const struct http_reply bad = {
	    .status = 200, .content_type = "a/b", .headers = &header, .header_count = 1};

	rig_start(&rig, &rig_config);
	rig_connect(&rig, &client);
	rig_send_text(&rig, &client, "GET " LATER);
	while (rig.waiting_count == 0)
		rig_step(&rig);
	assert_true(http_stream_begin(rig.waiting[0], &bad) < 0);
	http_reply(rig.waiting[0], &(struct http_reply){.status = 500});
	expect("HTTP/1.1 500 ");
}

static void it_counts_as_pending_and_is_closed_with_the_server(void **state _unused_)
{
	begin("GET " LATER, &rig_config);
	assert_int_equal(http_server_pending(rig.server), 1);
	assert_int_equal(rig.lifeboat[0], LIFEBOAT_CLOSED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(pieces_are_chunks_and_the_connection_goes_on),
	    TEST(what_was_sent_ahead_is_answered_behind_it),
	    TEST(http_1_0_has_no_chunks_and_ends_with_the_connection),
	    TEST(head_has_no_pieces),
	    TEST(a_slow_client_fills_it_and_drains_it),
	    TEST(one_who_takes_nothing_is_reset),
	    TEST(the_handler_hears_when_the_client_goes),
	    TEST(a_header_with_a_line_break_is_none),
	    TEST(it_counts_as_pending_and_is_closed_with_the_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
