/* SPDX-License-Identifier: Apache-2.0 */
/* Who gets a word when the front dies; which addresses can be listened on. */
#include "tests/unit/unit.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "ipc/messages.h"
#include "supervise/lifeboat.h"
#include "supervise/listen.h"

enum { PLACES = 8 };

static void only_those_who_wait_are_answered(void **state _unused_)
{
	struct lifeboat *boat = lifeboat_create(PLACES);
	int page_fd = lifeboat_page_fd(boat);
	unsigned char *states = mmap(NULL, PLACES, PROT_READ | PROT_WRITE, MAP_SHARED, page_fd, 0);
	int clients[3];
	char text[1024];

	for (uint32_t i = 0; i < ARRAY_LEN(clients); i++) {
		int ends[2];
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
		clients[i] = ends[0];
		lifeboat_hold(boat, i, ends[1]);
		states[i] = (unsigned char[]){LIFEBOAT_WAITING, LIFEBOAT_IDLE, LIFEBOAT_CLOSED}[i];
	}
	assert_int_equal(lifeboat_abandon(boat), 1);
	int adrift = lifeboat_adrift(boat);
	assert_int_equal(write(adrift, "next", 4), 4); /* the idle one is still open */
	close(adrift);
	assert_int_equal(lifeboat_adrift(boat), -1);
	for (size_t i = 0; i < ARRAY_LEN(clients); i++) {
		memset(text, 0, sizeof(text));
		ssize_t n = fd_read_all(clients[i], text, sizeof(text) - 1); /* until the connection's end */
		assert_true(i == 0 ? n > 0 : n == (i == 1 ? 4 : 0));
		if (i == 0) {
			assert_non_null(strstr(text, "HTTP/1.1 503 "));
			assert_non_null(strstr(text, "\"retryable\":true"));
			size_t length = strtoul(strstr(text, "Content-Length: ") + 16, NULL, 10);
			assert_int_equal(strlen(strstr(text, "\r\n\r\n") + 4), length);
		}
		close(clients[i]);
		assert_int_equal(states[i], LIFEBOAT_IDLE);
	}
	munmap(states, PLACES);
	close(page_fd);
	lifeboat_destroy(boat);
}

static void places_out_of_range_are_refused(void **state _unused_)
{
	struct lifeboat *boat = lifeboat_create(PLACES);
	int fd = dup(0);

	lifeboat_hold(boat, PLACES, fd);
	assert_int_equal(close(fd), -1); /* it has been closed */
	lifeboat_hold(boat, UINT32_MAX, -1);
	lifeboat_release(boat, PLACES);
	lifeboat_release(boat, 0);
	assert_int_equal(lifeboat_abandon(boat), 0);
	lifeboat_destroy(boat);
}

static void addresses_are_told_apart(void **state _unused_)
{
	static const struct {
		const char *address;
		int rc;
		bool loopback;
	} rows[] = {
	    {"127.0.0.1:0", 0, true},    {"localhost:0", 0, true},   {"127.8.8.8:0", 0, true},
	    {"0.0.0.0:0", 0, false},     {":0", 0, false},           {"127.0.0.1", -ERR_CONFIG, false},
	    {"127.0.0.1:", -ERR_CONFIG, false},                      {"1.2.3.4:0", -ERR_IO, false},
	    {"no such host:1", -ERR_CONFIG, false},                  {"127.0.0.1:http", -ERR_CONFIG, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err err = {0};
		bool loopback = false;
		unsigned port = 0;
		int fd = listen_open(rows[i].address, &loopback, &port, &err);
		if (rows[i].rc == 0) {
			assert_true(fd >= 0 && port > 0);
			assert_int_equal(loopback, rows[i].loopback);
			close(fd);
		} else {
			assert_int_equal(fd, rows[i].rc);
			assert_true(err.text[0] != '\0');
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_those_who_wait_are_answered),
	    cmocka_unit_test(places_out_of_range_are_refused),
	    cmocka_unit_test(addresses_are_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
