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
	enum dialect_id dialect;
};

static const struct rule rules[] = {
#define HEADER(name, begin, dialect)	  {name, begin, NULL, NULL, DIALECT_##dialect},
#define BODY(there, not_there, dialect) {NULL, NULL, there, not_there, DIALECT_##dialect},
#include "api/which.def"
#undef HEADER
#undef BODY
};

enum dialect_id dialect_of_mount(struct slice *path)
{
	for (unsigned i = 0; i < DIALECT_COUNT; i++) {
		size_t len = mounts[i] ? strlen(mounts[i]) : 0;
		if (len == 0 || path->len <= len || path->data[len] != '/' ||
		    memcmp(path->data, mounts[i], len) != 0)
			continue;
		*path = (struct slice){path->data + len, path->len - len};
		return (enum dialect_id)i;
	}
	return DIALECT_COUNT;
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

enum dialect_id dialect_of_request(const struct api_request *request, unsigned mask)
{
	for (size_t i = 0; (mask & (mask - 1)) && i < ARRAY_LEN(rules); i++) {
		const struct rule *rule = &rules[i];
		if (!(mask >> rule->dialect & 1))
			continue;
		if (rule->header ? header_holds(rule, request) : body_holds(rule, request))
			return rule->dialect;
	}
	return mask >> DIALECT_UNION & 1 ? DIALECT_UNION : (enum dialect_id)__builtin_ctz(mask);
}
