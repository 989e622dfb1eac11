/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses callers may have us connect to, and which the operator adds. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>

#include "courier/address.h"

static bool allowed(const char *text, const char *exceptions)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(80)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(80)};
	struct address_list list;
	struct err err;

	assert_int_equal(address_list_parse(&list, exceptions, &err), 0);
	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return address_allowed(&list, (const struct sockaddr *)&v4);
	assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
	return address_allowed(&list, (const struct sockaddr *)&v6);
}

static const struct {
	const char *address;
	bool allowed;
} rows[] = {
    /* each network at its ends, and its neighbours */
    {"0.0.0.0", false},
    {"0.255.255.255", false},
    {"1.0.0.0", true},
    {"9.255.255.255", true},
    {"10.0.0.0", false},
    {"10.255.255.255", false},
    {"11.0.0.0", true},
    {"100.63.255.255", true},
    {"100.64.0.0", false},
    {"100.127.255.255", false},
    {"100.128.0.0", true},
    {"126.255.255.255", true},
    {"127.0.0.0", false},
    {"127.0.0.1", false},
    {"127.255.255.255", false},
    {"128.0.0.0", true},
    {"169.253.255.255", true},
    {"169.254.0.0", false},
    {"169.254.169.254", false},
    {"169.255.0.0", true},
    {"172.15.255.255", true},
    {"172.16.0.0", false},
    {"172.31.255.255", false},
    {"172.32.0.0", true},
    {"192.0.0.1", false},
    {"192.0.1.0", true},
    {"192.0.2.1", false},
    {"192.88.99.1", false},
    {"192.167.255.255", true},
    {"192.168.0.0", false},
    {"192.168.255.255", false},
    {"192.169.0.0", true},
    {"198.17.255.255", true},
    {"198.18.0.0", false},
    {"198.19.255.255", false},
    {"198.20.0.0", true},
    {"198.51.100.7", false},
    {"203.0.113.7", false},
    {"223.255.255.255", true},
    {"224.0.0.1", false},
    {"239.255.255.255", false},
    {"240.0.0.1", false},
    {"255.255.255.255", false},
    {"8.8.8.8", true},
    /* IPv6, and IPv4 inside of it */
    {"::", false},
    {"::1", false},
    {"::127.0.0.1", false},
    {"::ffff:127.0.0.1", false},
    {"::ffff:10.0.0.1", false},
    {"::ffff:8.8.8.8", true},
    {"::ffff:169.254.169.254", false},
    {"64:ff9b::7f00:1", false},
    {"64:ff9b::808:808", false},
    {"100::1", false},
    {"1fff::1", false},
    {"2000::1", true},
    {"2001::1", false},
    {"2001:1ff:ffff::1", false},
    {"2001:200::1", true},
    {"2001:db8::1", false},
    {"2001:db9::1", true},
    {"2002:7f00:1::1", false},
    {"2003::1", true},
    {"2606:4700::1111", true},
    {"3fff:fff::1", false},
    {"3fff:1000::1", true},
    {"4000::1", false},
    {"fc00::1", false},
    {"fd00:ec2::254", false},
    {"fe80::1", false},
    {"fec0::1", false},
    {"ff02::1", false},
};

static void public_addresses_and_no_others(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (allowed(rows[i].address, "") != rows[i].allowed)
			fail_msg("%s", rows[i].address);
}

static void what_is_listed_in_any_form_of_it(void **state _unused_)
{
	assert_true(allowed("127.0.0.1", "127.0.0.1"));
	assert_false(allowed("127.0.0.2", "127.0.0.1"));
	assert_true(allowed("::ffff:127.0.0.1", "127.0.0.0/8"));
	assert_false(allowed("::1", "127.0.0.0/8"));
	assert_true(allowed("10.1.2.3", "192.168.0.0/16, 10.1.2.0/23,fd00::/8"));
	assert_true(allowed("10.1.3.255", "10.1.2.0/23"));
	assert_false(allowed("10.1.4.0", "10.1.2.0/23"));
	assert_true(allowed("fd12::1", " fd00::/8 "));
	assert_true(allowed("127.9.9.9", "0.0.0.0/0"));
	assert_false(allowed("::1", "0.0.0.0/0"));
	assert_true(allowed("::1", "::/0"));
}

static void other_families_are_not_connected_to(void **state _unused_)
{
	struct address_list list = {0};
	struct sockaddr local = {.sa_family = AF_UNIX};

	assert_int_equal(address_list_parse(&list, "::/0", NULL), 0);
	assert_false(address_allowed(&list, &local));
}

static void a_list_that_is_none_is_refused(void **state _unused_)
{
	static const char *const bad[] = {"localhost", "10.0.0.0/33", "10.0.0.0/",   "10.0.0.0/8x",
					  "::/129",    "10.0.0/8",    "10.0.0.0/-1", "1.2.3.4:80",
					  "[::1]",     "/8",	      "0x7f.0.0.1"};
	struct address_list list;
	struct err err;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (address_list_parse(&list, bad[i], &err) != -ERR_CONFIG)
			fail_msg("%s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(public_addresses_and_no_others),
	    cmocka_unit_test(what_is_listed_in_any_form_of_it),
	    cmocka_unit_test(other_families_are_not_connected_to),
	    cmocka_unit_test(a_list_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
