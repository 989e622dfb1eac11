/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "api/api.h"
#include "json/json.h"

const struct dialect *const dialects[DIALECT_COUNT] = {
#define X(name, object, mount) [DIALECT_##name] = &dialect_##object,
#include "api/dialects.def"
#undef X
};

static const char *const mounts[DIALECT_COUNT] = {
#define X(name, object, mount) [DIALECT_##name] = mount,
#include "api/dialects.def"
#undef X
};

struct rule {
	const char *header, *begin;    /* HEADER */
	const char *there, *not_there; /* BODY */
	const char *name;              /* QUERY */
	const char *path;              /* PATH */
	enum dialect_id dialect;
};

static const struct rule rules[] = {
#define PATH(begin, whose)	  {.path = (begin), .dialect = DIALECT_##whose},
#define HEADER(key, value, whose) {.header = (key), .begin = (value), .dialect = DIALECT_##whose},
#define QUERY(key, whose)	  {.name = (key), .dialect = DIALECT_##whose},
#define BODY(pointer, absent, whose)                                                               \
	{.there = (pointer), .not_there = (absent), .dialect = DIALECT_##whose},
#include "api/which.def"
#undef PATH
#undef HEADER
#undef QUERY
#undef BODY
};

static bool is_below(struct slice path, struct slice mount)
{
	return mount.len && path.len >= mount.len && memcmp(path.data, mount.data, mount.len) == 0 &&
	       (path.len == mount.len || path.data[mount.len] == '/');
}

unsigned dialects_of_mount(struct slice *path)
{
	unsigned mask = 0;
	size_t len = 0;

	for (unsigned i = 0; i < DIALECT_COUNT; i++) {
		struct slice mount = slice_from(mounts[i]);
		if (!is_below(*path, mount))
			continue;
		mask |= 1u << i;
		len = mount.len;
	}
	if (!mask)
		return ~0u;
	*path = path->len == len ? SLICE_LITERAL("/") : (struct slice){path->data + len, path->len - len};
	return mask;
}

static bool header_holds(const struct rule *rule, const struct api_request *request)
{
	struct slice value = request->header(request, rule->header);
	size_t len = strlen(rule->begin);

	return value.data && value.len >= len && strncasecmp(value.data, rule->begin, len) == 0;
}

static bool body_holds(const struct rule *rule, const struct api_request *request)
{
	return request->body && json_at(request->body, rule->there) &&
	       !(rule->not_there && json_at(request->body, rule->not_there));
}

static bool query_holds(const struct rule *rule, const struct api_request *request)
{
	return api_query_value(request->query, rule->name).data != NULL;
}

static bool path_holds(const struct rule *rule, const struct api_request *request)
{
	size_t len = strlen(rule->path);

	return request->path.len >= len && memcmp(request->path.data, rule->path, len) == 0;
}

static bool holds(const struct rule *rule, const struct api_request *request)
{
	if (rule->path)
		return path_holds(rule, request);
	if (rule->header)
		return header_holds(rule, request);
	return rule->name ? query_holds(rule, request) : body_holds(rule, request);
}

struct slice api_query_value(struct slice query, const char *name)
{
	size_t len = strlen(name);

	for (size_t at = 0; at < query.len;) {
		const char *begin = query.data + at, *next = memchr(begin, '&', query.len - at);
		size_t part = next ? (size_t)(next - begin) : query.len - at;
		if (part > len && memcmp(begin, name, len) == 0 && begin[len] == '=')
			return (struct slice){begin + len + 1, part - len - 1};
		at += part + 1;
	}
	return (struct slice){0};
}

enum dialect_id dialect_of_request(const struct api_request *request, unsigned mask)
{
	for (size_t i = 0; (mask & (mask - 1)) && i < ARRAY_LEN(rules); i++) {
		const struct rule *rule = &rules[i];
		if (!(mask >> rule->dialect & 1))
			continue;
		if (holds(rule, request))
			return rule->dialect;
	}
	return mask >> DIALECT_UNION & 1 ? DIALECT_UNION : (enum dialect_id)__builtin_ctz(mask);
}
