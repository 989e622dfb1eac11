/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies that are taken as they come: how much of them, when, and what becomes of them when either side goes. */
#define _GNU_SOURCE
#include "tests/unit/http/rig.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "http/limits.h"
#include "tests/unit/unit.h"

#define HEAD	"POST /take HTTP/1.1\r\nHost: a\r\n"
#define CHUNKED HEAD "Transfer-Encoding: chunked\r\n\r\n"
#define NEXT	"GET /echo HTTP/1.1\r\nHost: a\r\n\r\n"

static struct rig rig;
static struct rig_client client;

/* What the taker has seen, and what it does. */
static struct {
	struct buf data;
	size_t largest;
	unsigned pieces, ends;
	int code;
	size_t hold_behind;   /* bytes; 0: never */
	bool echo;            /* each piece is answered as it comes */
	bool answer;          /* the first piece is answered, and that was it */
} seen;

static void reply(struct http_request *request, int status)
{
	http_reply(request, &(struct http_reply){.status = status, .content_type = "text/plain", .body = slice_from("x")});
}

static void on_data(struct http_request *request, struct slice data)
{
	seen.pieces++;
	seen.largest = MAX_OF(seen.largest, data.len);
	assert_int_equal(buf_append(&seen.data, data.data, data.len), 0);
	if (seen.hold_behind && seen.data.len >= seen.hold_behind)
		http_hold_body(request, true);
	if (seen.echo)
		http_stream_write(request, data);
	if (seen.answer)
		reply(request, 200);
}

static void on_end(struct http_request *request, int code, const char *why)
{
	assert_int_equal(!why, code == 0);
	seen.ends++;
	seen.code = code;
	if (seen.echo)
		http_stream_end(request);
	else
		reply(request, code ? err_status(code) : 200);
}

static void on_gone(struct http_request *request _unused_)
{
	rig.gone++;
}

static const struct http_taker taker = {.on_data = on_data, .on_end = on_end};

static int tear_down(void **state _unused_)
{
	rig_client_finish(&client);
	rig_finish(&rig);
	buf_finish(&seen.data);
	return 0;
}

/* The head is there, and its body held. */
static struct http_request *begin(const struct http_config *config, const char *head)
{
	memset(&seen, 0, sizeof(seen));
	buf_init(&seen.data, 64 * MIB);
	rig_start(&rig, config);
	rig.taker = &taker;
	rig_connect(&rig, &client);
	rig_send_text(&rig, &client, head);
	while (!rig.taken)
		rig_step(&rig);
	rig.taken->on_gone = on_gone;
	return rig.taken;
}

/* Until it has come or two seconds have passed. */
static void await(const size_t *count, size_t least)
{
	for (unsigned i = 0; i < 400 && *count < least; i++)
		rig_run_ms(&rig, 5);
	assert_true(*count >= least);
}

static void a_body_above_the_maximum_comes_in_pieces(void **state _unused_)
{
	static char data[8 * MIB];
	struct http_request *request = begin(NULL, HEAD "Content-Length: 8388608\r\n\r\n");

	assert_int_equal(request->body_bytes, sizeof(data));
	http_hold_body(request, false);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 7 + i / 4096);
	rig_send(&rig, &client, data, sizeof(data));
	rig_expect(&rig, &client, "200");
	assert_int_equal(seen.data.len, sizeof(data));
	assert_memory_equal(seen.data.data, data, sizeof(data));
	assert_in_range(seen.largest, 1, HTTP_TAKEN_READ_BYTES);
	rig_send_text(&rig, &client, NEXT);
	rig_expect(&rig, &client, "200 200");
}

static void what_is_held_stays_with_the_client(void **state _unused_)
{
	static char data[4 * MIB];
	const struct http_counters *counters;
	struct http_request *request = begin(NULL, HEAD "Content-Length: 4194304\r\n\r\n");

	counters = http_server_counters(rig.server);
	seen.hold_behind = 1;
	http_hold_body(request, false);
	while (send(client.fd, data, sizeof(data), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		;
	rig_run_ms(&rig, 50);
	assert_int_equal(seen.pieces, 1);
	assert_in_range(counters->bytes_in, 1, 2 * HTTP_TAKEN_READ_BYTES);
	seen.hold_behind = 0;
	http_hold_body(request, false);
	await(&seen.data.len, HTTP_TAKEN_READ_BYTES + 1);
}

static void what_had_been_read_is_given_when_it_is_let_go(void **state _unused_)
{
	struct http_request *request = begin(NULL, CHUNKED "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n" NEXT);

	rig_run_ms(&rig, 20);
	assert_int_equal(seen.pieces, 0);
	http_hold_body(request, false);
	rig_expect(&rig, &client, "200 200");
	assert_int_equal(seen.data.len, 6);
	assert_memory_equal(seen.data.data, "abcdef", 6);
}

static void the_client_is_invited_when_somebody_wants_it(void **state _unused_)
{
	struct http_request *request = begin(NULL, HEAD "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");

	rig_run_ms(&rig, 20);
	rig_expect(&rig, &client, "");
	http_hold_body(request, false);
	rig_expect(&rig, &client, "100");
	rig_send_text(&rig, &client, "hi");
	rig_expect(&rig, &client, "100 200");
	rig_send_text(&rig, &client, NEXT);
	rig_expect(&rig, &client, "100 200 200");
}

static void or_not_at_all(void **state _unused_)
{
	struct http_request *request = begin(NULL, HEAD "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");

	reply(request, 413);
	rig_expect(&rig, &client, "413 close");
}

static void an_answer_before_the_end_is_the_last(void **state _unused_)
{
	struct http_request *request = begin(NULL, HEAD "Content-Length: 100000\r\n\r\n");

	seen.answer = true;
	http_hold_body(request, false);
	rig_send_text(&rig, &client, NEXT NEXT); /* of the body, whatever it looks like */
	rig_expect(&rig, &client, "200 close");
	assert_true(rig_came(&client, "Connection: close"));
	assert_int_equal(seen.ends, 0);
	assert_int_equal(rig.gone, 0);
}

static void answer_and_body_go_at_the_same_time(void **state _unused_)
{
	struct http_request *request = begin(NULL, CHUNKED "5\r\nhello\r\n");

	assert_int_equal(http_stream_begin(request, &(struct http_reply){.status = 200, .content_type = "text/plain"}), 0);
	seen.echo = true;
	http_hold_body(request, false);
	for (unsigned i = 0; i < 400 && !rig_came(&client, "5\r\nhello\r\n"); i++) {
		rig_run_ms(&rig, 5);
		rig_receive(&client);
	}
	rig_send_text(&rig, &client, "6\r\n world\r\n");
	for (unsigned i = 0; i < 400 && !rig_came(&client, "6\r\n world\r\n"); i++) {
		rig_run_ms(&rig, 5);
		rig_receive(&client);
	}
	assert_true(rig_came(&client, "Connection: close"));
	rig_send_text(&rig, &client, "0\r\n\r\n" NEXT);
	for (unsigned i = 0; i < 400 && !client.closed; i++) {
		rig_run_ms(&rig, 5);
		rig_receive(&client);
	}
	assert_true(rig_came(&client, "6\r\n world\r\n0\r\n\r\n"));
	assert_false(rig_came(&client, "GET /echo"));
	assert_int_equal(seen.code, 0);
}

static void a_mistake_ends_both(void **state _unused_)
{
	struct http_request *request = begin(NULL, CHUNKED "5\r\nhello\r\n");

	assert_int_equal(http_stream_begin(request, &(struct http_reply){.status = 200, .content_type = "text/plain"}), 0);
	seen.echo = true;
	http_hold_body(request, false);
	rig_send_text(&rig, &client, "5 \r\n");
	for (unsigned i = 0; i < 400 && !seen.ends; i++)
		rig_run_ms(&rig, 5);
	assert_int_equal(seen.code, -ERR_BAD_REQUEST);
	assert_int_equal(http_server_counters(rig.server)->bad_requests, 1);
}

static void who_stalls_is_late_and_who_is_held_is_not(void **state _unused_)
{
	struct http_config config = rig_config;
	config.body_time_ms = 60;
	struct http_request *request = begin(&config, HEAD "Content-Length: 100000\r\n\r\n");

	rig_run_ms(&rig, 150);
	assert_int_equal(seen.ends, 0);
	http_hold_body(request, false);
	rig_send_text(&rig, &client, "hello");
	rig_expect(&rig, &client, "408 close");
	assert_int_equal(seen.code, -ERR_REQUEST_TIMEOUT);
	assert_int_equal(seen.data.len, 5);
	assert_int_equal(http_server_counters(rig.server)->timeouts, 1);
}

/* At 1000 bytes a second a megabyte would be worth a quarter of an hour. */
static void who_was_quick_may_not_rest_on_that(void **state _unused_)
{
	static char data[MIB];
	struct http_config config = rig_config;
	config.body_time_ms = 60;
	struct http_request *request = begin(&config, HEAD "Content-Length: 2000000\r\n\r\n");

	http_hold_body(request, false);
	rig_send(&rig, &client, data, sizeof(data));
	rig_expect(&rig, &client, "408 close");
	assert_int_equal(seen.data.len, sizeof(data));
}

static void a_client_that_goes_is_told_of_once(void **state _unused_)
{
	struct http_request *request = begin(NULL, HEAD "Content-Length: 100000\r\n\r\nhello");
	size_t gone = 0;

	http_hold_body(request, false);
	await(&seen.data.len, 5);
	client.fd = (close(client.fd), -1);
	for (unsigned i = 0; i < 400 && !gone; i++) {
		rig_run_ms(&rig, 5);
		gone = rig.gone;
	}
	assert_int_equal(gone, 1);
	assert_int_equal(seen.ends, 0);
}

static void also_while_it_is_held(void **state _unused_)
{
	begin(NULL, HEAD "Content-Length: 100000\r\n\r\nhello");

	client.fd = (close(client.fd), -1);
	for (unsigned i = 0; i < 400 && !rig.gone; i++)
		rig_run_ms(&rig, 5);
	assert_int_equal(rig.gone, 1);
	assert_int_equal(seen.pieces, 0);
}

static void what_its_handler_keeps_counts_with_the_bodies_of_others(void **state _unused_)
{
	struct http_request *request = begin(NULL, HEAD "Content-Length: 2\r\n\r\n");

	assert_true(http_keep_bytes(request, 1000));
	assert_false(http_keep_bytes(request, HTTP_BODIES_BYTES_MAX));
	reply(request, 503);
	rig_expect(&rig, &client, "503 close");
	rig_client_finish(&client);
	rig_connect(&rig, &client);
	rig_send_text(&rig, &client, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
	rig_expect(&rig, &client, "200");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_body_above_the_maximum_comes_in_pieces),
	    TEST(what_is_held_stays_with_the_client),
	    TEST(what_had_been_read_is_given_when_it_is_let_go),
	    TEST(the_client_is_invited_when_somebody_wants_it),
	    TEST(or_not_at_all),
	    TEST(an_answer_before_the_end_is_the_last),
	    TEST(answer_and_body_go_at_the_same_time),
	    TEST(a_mistake_ends_both),
	    TEST(who_stalls_is_late_and_who_is_held_is_not),
	    TEST(who_was_quick_may_not_rest_on_that),
	    TEST(a_client_that_goes_is_told_of_once),
	    TEST(also_while_it_is_held),
	    TEST(what_its_handler_keeps_counts_with_the_bodies_of_others),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
