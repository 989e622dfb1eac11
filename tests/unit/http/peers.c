/* SPDX-License-Identifier: Apache-2.0 */
/* Connections are counted by IPv4 address and by IPv6 network. */
#include "http/peers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#include "base/err.h"
#include "tests/unit/unit.h"

static struct sockaddr_storage address_of(const char *text)
{
	struct sockaddr_storage address = {0};
	struct sockaddr_in *four = (struct sockaddr_in *)&address;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&address;

	if (inet_pton(AF_INET, text, &four->sin_addr) == 1)
		address.ss_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1)
		address.ss_family = AF_INET6;
	else
		address.ss_family = AF_UNIX;
	return address;
}

static void who_shares_a_count(void **state _unused_)
{
	static const struct {
		const char *first, *second;
		bool shared;
	} rows[] = {
	    {"192.0.2.1", "192.0.2.1", true},
	    {"192.0.2.1", "192.0.2.2", false},
	    {"192.0.2.1", "::ffff:192.0.2.1", true},
	    {"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true},
	    {"2001:db8:1:2::1", "2001:db8:1:3::1", false},
	    {"1.0.0.0", "100::", false},
	    {"0.0.0.0", "::1", false},
	    {"unix", "unix", true},
	    {"unix", "::1", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct peers *peers = peers_create(10, 1);
		struct sockaddr_storage first = address_of(rows[i].first);
		struct sockaddr_storage second = address_of(rows[i].second);
		struct peer *a, *b;
		assert_int_equal(peers_enter(peers, &first, &a), 0);
		assert_int_equal(peers_enter(peers, &second, &b),
				 rows[i].shared ? -ERR_RATE_LIMITED : 0);
		peers_destroy(peers);
	}
}

static void places_come_back(void **state _unused_)
{
	enum { ADDRESSES = 5000, EACH = 2 };
	static struct peer *entered[ADDRESSES * EACH];
	struct peers *peers = peers_create(100, EACH); /* fewer buckets than addresses */
	struct peer *more;
	char text[32];

	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < ADDRESSES * EACH; i++) {
			snprintf(text, sizeof(text), "10.1.%u.%u", i / EACH / 250, i / EACH % 250);
			struct sockaddr_storage address = address_of(text);
			assert_int_equal(peers_enter(peers, &address, &entered[i]), 0);
			if (i % EACH == EACH - 1)
				assert_int_equal(peers_enter(peers, &address, &more),
						 -ERR_RATE_LIMITED);
		}
		for (unsigned i = 0; i < ADDRESSES * EACH; i++)
			peers_leave(peers, entered[i]);
	}
	peers_destroy(peers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(who_shares_a_count),
	    cmocka_unit_test(places_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
