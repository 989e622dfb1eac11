/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "courier/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define V4_BITS	     96 /* in front of an IPv4 address */
#define NET_TEXT_MAX 64
#define SEPARATORS   ", "

/* What is no public IPv4 address. */
static const struct {
	unsigned char begin[4];
	unsigned bits;
} inner_v4[] = {
    {{0, 0, 0, 0}, 8},	     /* this network; 0.0.0.0 is this host for connect(2) */
    {{10, 0, 0, 0}, 8},	     /* private: RFC 1918 */
    {{100, 64, 0, 0}, 10},   /* shared by carriers: RFC 6598 */
    {{127, 0, 0, 0}, 8},     /* loopback */
    {{169, 254, 0, 0}, 16},  /* link-local, and what clouds tell their machines */
    {{172, 16, 0, 0}, 12},   /* private */
    {{192, 0, 0, 0}, 24},    /* protocol assignments */
    {{192, 0, 2, 0}, 24},    /* documentation */
    {{192, 88, 99, 0}, 24},  /* 6to4 relays, no more: RFC 7526 */
    {{192, 168, 0, 0}, 16},  /* private */
    {{198, 18, 0, 0}, 15},   /* benchmarks */
    {{198, 51, 100, 0}, 24}, /* documentation */
    {{203, 0, 113, 0}, 24},  /* documentation */
    {{224, 0, 0, 0}, 3},     /* multicast, reserved, broadcast */
};

/* Of IPv6 only 2000::/3 is public, without these. */
static const struct {
	const char *begin;
	unsigned bits;
} inner_v6[] = {
    {"2001::", 23},	/* protocol assignments; Teredo has an IPv4 address inside */
    {"2001:db8::", 32}, /* documentation */
    {"2002::", 16},	/* 6to4: an IPv4 address inside */
    {"3fff::", 20},	/* documentation: RFC 9637 */
};

static bool begins_alike(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned rest = bits % 8;
	unsigned char mask = (unsigned char)(0xff << (8 - rest));

	return memcmp(a, b, bits / 8) == 0 &&
	       (rest == 0 || ((a[bits / 8] ^ b[bits / 8]) & mask) == 0);
}

static bool v4_is_inner(const unsigned char *address)
{
	for (size_t i = 0; i < ARRAY_LEN(inner_v4); i++)
		if (begins_alike(address, inner_v4[i].begin, inner_v4[i].bits))
			return true;
	return false;
}

static bool v6_is_inner(const struct in6_addr *address)
{
	static const unsigned char public[1] = {0x20};
	struct in6_addr begin;

	if (!begins_alike(address->s6_addr, public, 3))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(inner_v6); i++)
		if (inet_pton(AF_INET6, inner_v6[i].begin, &begin) != 1 ||
		    begins_alike(address->s6_addr, begin.s6_addr, inner_v6[i].bits))
			return true;
	return false;
}

static struct in6_addr mapped(const void *v4)
{
	struct in6_addr address = {.s6_addr = {[10] = 0xff, [11] = 0xff}};

	memcpy(address.s6_addr + 12, v4, 4);
	return address;
}

static bool is_listed(const struct address_list *list, const struct in6_addr *address)
{
	for (size_t i = 0; i < list->count; i++)
		if (begins_alike(address->s6_addr, list->nets[i].address.s6_addr,
				 list->nets[i].bits))
			return true;
	return false;
}

bool address_allowed(const struct address_list *exceptions, const struct sockaddr *address)
{
	struct in6_addr whole;

	if (address->sa_family == AF_INET)
		whole = mapped(&((const struct sockaddr_in *)(const void *)address)->sin_addr);
	else if (address->sa_family == AF_INET6)
		whole = ((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
	else
		return false;
	if (is_listed(exceptions, &whole))
		return true;
	return IN6_IS_ADDR_V4MAPPED(&whole) ? !v4_is_inner(whole.s6_addr + 12)
					    : !v6_is_inner(&whole);
}

/* --- the operator's list --- */

/* "address" or "address/bits". */
static bool parse_net(struct address_net *net, char *text)
{
	char *slash = strchr(text, '/');
	unsigned bits, most = 128, before = 0;
	struct in_addr v4;
	char more;

	if (slash)
		*slash = '\0';
	if (inet_pton(AF_INET, text, &v4) == 1) {
		net->address = mapped(&v4);
		before = V4_BITS;
		most = 32;
	} else if (inet_pton(AF_INET6, text, &net->address) != 1) {
		return false;
	}
	bits = most;
	if (slash && (sscanf(slash + 1, "%3u%c", &bits, &more) != 1 || bits > most))
		return false;
	net->bits = before + bits;
	return true;
}

int address_list_parse(struct address_list *list, const char *text, struct err *err)
{
	char word[NET_TEXT_MAX], shown[NET_TEXT_MAX];

	list->count = 0;
	for (text += strspn(text, SEPARATORS); *text; text += strspn(text, SEPARATORS)) {
		size_t len = strcspn(text, SEPARATORS);
		snprintf(word, sizeof(word), "%.*s", (int)len, text);
		snprintf(shown, sizeof(shown), "%s", word);
		if (len >= sizeof(word) || list->count == ADDRESS_NETS_MAX ||
		    !parse_net(&list->nets[list->count], word))
			return err_set(err, ERR_CONFIG,
				       "webhook_allow: '%s' is no address or network, or one too "
				       "many; write 10.1.2.3 or fd00::/8.",
				       shown);
		list->count++;
		text += len;
	}
	return 0;
}
