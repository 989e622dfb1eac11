/* SPDX-License-Identifier: Apache-2.0 */
#include "base/urls.h"

#include <string.h>
#include <strings.h>

#include "base/util.h"

#define SEPARATORS ", "

static struct slice next_url(const char **list)
{
	const char *begin = *list + strspn(*list, SEPARATORS);
	size_t len = strcspn(begin, SEPARATORS);

	*list = begin + len;
	return (struct slice){len ? begin : NULL, len};
}

struct slice urls_first(const char *list)
{
	return next_url(&list);
}

struct slice urls_origin(struct slice url)
{
	size_t slashes = 0, len = 0;

	while (len < url.len && slashes < 3)
		slashes += url.data[len++] == '/';
	return (struct slice){url.data, len};
}

/* Of a name or an address, perhaps with a port: no user, no password. */
static bool is_base(struct slice url)
{
	static const struct slice schemes[] = {SLICE_LITERAL("https://"), SLICE_LITERAL("http://")};
	const char *host = NULL;

	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (slice_begins(url, schemes[i]))
			host = url.data + schemes[i].len;
	if (!host || url.len > URL_BYTES_MAX || url.data[url.len - 1] != '/' || *host == '/')
		return false;
	const char *slash = memchr(host, '/', (size_t)(url.data + url.len - host));
	return !memchr(host, '@', (size_t)(slash - host));
}

int urls_check(const char *list, const char *name, struct err *err)
{
	struct slice url;

	while ((url = next_url(&list)).len)
		if (!is_base(url))
			return err_field(err, ERR_CONFIG, name,
					 "%s: '%.*s' must begin with https:// or http:// and a "
					 "host, and end with a slash.",
					 name, (int)MIN_OF(url.len, (size_t)100), url.data);
	return 0;
}

static bool is_plain(struct slice text)
{
	static const char others[] = "-._~!$&'()*+,;=:@/?%";

	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		bool word = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
		if (!word && !(c && strchr(others, c)))
			return false;
	}
	return true;
}

/* Some servers take %2e for a dot, and %2f for a slash: neither may make a segment of dots. */
static bool has_dot_segment(struct slice path)
{
	size_t dots = 0, others = 0;

	for (size_t i = 0; i <= path.len; i++) {
		bool escape = i + 2 < path.len && path.data[i] == '%';
		bool dot = i < path.len && (path.data[i] == '.' ||
					    (escape && strncasecmp(path.data + i, "%2e", 3) == 0));
		bool slash = i == path.len || path.data[i] == '/' || path.data[i] == '?' ||
			     (escape && strncasecmp(path.data + i, "%2f", 3) == 0);
		if (slash && dots > 0 && others == 0)
			return true;
		dots = slash ? 0 : dots + dot;
		others = slash ? 0 : others + !dot;
		i += escape && (dot || slash) ? 2 : 0;
	}
	return false;
}

bool urls_allow(const char *list, struct slice url)
{
	struct slice base;

	while (url.len <= URL_BYTES_MAX && (base = next_url(&list)).len) {
		struct slice rest = {url.data + base.len, url.len - base.len};
		if (slice_begins(url, base) && is_plain(rest) && !has_dot_segment(rest))
			return true;
	}
	return false;
}
