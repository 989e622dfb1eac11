/* SPDX-License-Identifier: Apache-2.0 */
#include "api/after.h"

#include <string.h>
#include <strings.h>

#include "api/execution.h"
#include "api/webhook.h"

static struct job_after *after_of(void *ctx)
{
	return &((struct draft *)ctx)->spec.after;
}

int after_read_async(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	return json_get_bool(value, path, &after_of(ctx)->accept, err);
}

int after_read_retry(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	return json_get_u64(value, path, 0, AFTER_RETRY_MAX, &after_of(ctx)->retry, err);
}

/* --- webhook --- */

static bool is_among(char c, const char *set)
{
	return c && strchr(set, c);
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static struct slice without_scheme(struct slice url)
{
	static const struct slice schemes[] = {SLICE_LITERAL("http://"), SLICE_LITERAL("https://")};

	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (url.len > schemes[i].len &&
		    strncasecmp(url.data, schemes[i].data, schemes[i].len) == 0)
			return (struct slice){url.data + schemes[i].len, url.len - schemes[i].len};
	return (struct slice){0};
}

/* ":65535" or nothing. */
static bool port_is_good(struct slice port)
{
	unsigned number = 0;

	if (port.len == 0)
		return true;
	for (size_t i = 1; i < port.len && i < 6; i++) {
		if (port.data[i] < '0' || port.data[i] > '9')
			return false;
		number = number * 10 + (unsigned)(port.data[i] - '0');
	}
	return port.data[0] == ':' && port.len > 1 && port.len <= 6 && number > 0 &&
	       number <= 65535;
}

/* A name, an IPv4 address, or an IPv6 address in brackets; what it leads to is the courier's to
 * judge. */
static bool authority_is_good(struct slice text)
{
	bool brackets = text.len && text.data[0] == '[';
	size_t i = brackets;

	while (i < text.len &&
	       (is_alnum(text.data[i]) || is_among(text.data[i], brackets ? ":." : ".-_")))
		i++;
	if (i == brackets || (brackets && (i == text.len || text.data[i++] != ']')))
		return false;
	return port_is_good((struct slice){text.data + i, text.len - i});
}

bool after_url_is_good(struct slice url)
{
	struct slice rest = without_scheme(url);
	size_t end = 0;

	if (url.len > AFTER_URL_BYTES_MAX || !rest.len)
		return false;
	for (size_t i = 0; i < rest.len; i++)
		if (rest.data[i] <= ' ' || rest.data[i] > '~' ||
		    is_among(rest.data[i], "\"#<>\\^`{|}"))
			return false;
	while (end < rest.len && !is_among(rest.data[end], "/?"))
		end++;
	return authority_is_good((struct slice){rest.data, end});
}

static int read_url(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct slice *url = &after_of(ctx)->webhook_url;
	int rc = json_get_text(value, path, url, err);

	if (rc < 0 || after_url_is_good(*url))
		return rc;
	return err_field(
	    err, ERR_INVALID_FIELD, path,
	    "'%s' must be an http or https URL of at most %d bytes, without a user and a fragment.",
	    path, AFTER_URL_BYTES_MAX);
}

static int read_secret(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct slice *secret = &after_of(ctx)->webhook_secret;
	unsigned char key[WEBHOOK_KEY_BYTES_MAX];
	int rc = json_get_text(value, path, secret, err);

	if (rc < 0 || webhook_key(key, *secret))
		return rc;
	return err_field(
	    err, ERR_INVALID_FIELD, path,
	    "'%s' must have 1 to %d bytes, as text or as base64 behind '" WEBHOOK_SECRET_PREFIX
	    "'.",
	    path, WEBHOOK_KEY_BYTES_MAX);
}

static int read_event(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	const unsigned first = EXECUTION_FINISHED;
	unsigned index;
	int rc = json_get_choice(value, path, execution_states + first, EXECUTION_STATES - first,
				 &index, err);

	if (rc == 0)
		after_of(ctx)->webhook_events |= 1u << (first + index);
	return rc;
}

static int read_events(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	return json_array_read(value, path, EXECUTION_STATES, read_event, ctx, err);
}

int after_read_webhook(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	static const struct json_field fields[] = {
	    {"url", true, read_url},
	    {"secret", false, read_secret},
	    {"events", false, read_events},
	};
	int rc = json_object_read(value, path, fields, ARRAY_LEN(fields), ctx, err);

	if (rc == 0 && !after_of(ctx)->webhook_events)
		after_of(ctx)->webhook_events = ~0u;
	return rc;
}

/* --- the whole --- */

/* Preferences are split by commas, their parameters by semicolons. */
bool after_prefers_async(struct slice prefer)
{
	static const struct slice wanted = SLICE_LITERAL("respond-async");
	size_t begin = 0;

	for (size_t i = 0; i <= prefer.len; i++) {
		if (i < prefer.len && prefer.data[i] != ',')
			continue;
		while (begin < i && is_among(prefer.data[begin], " \t"))
			begin++;
		if (i - begin >= wanted.len &&
		    strncasecmp(prefer.data + begin, wanted.data, wanted.len) == 0 &&
		    (i - begin == wanted.len || is_among(prefer.data[begin + wanted.len], " \t;")))
			return true;
		begin = i + 1;
	}
	return false;
}

int after_complete(struct draft *draft, const struct api_request *request, struct err *err)
{
	struct job_after *after = &draft->spec.after;

	after->accept |= after_prefers_async(request->header(request, "Prefer"));
	if (after->accept || (!after->retry && !after->webhook_url.data))
		return 0;
	return err_field(err, ERR_INVALID_FIELD, after->retry ? "retry" : "webhook",
			 "'retry' and 'webhook' are for runs that nobody waits for: send "
			 "\"async\": true as well.");
}
