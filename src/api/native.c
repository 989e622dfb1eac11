/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The native dialect: POST /v1/execute as docs/api.md describes it. Strict: what it does not know is
 * an error, and says what may have been meant.
 */
#include "api/native.h"

#include <string.h>

#include "api/after.h"
#include "api/draft.h"
#include "api/session.h"

/* --- the whole request --- */

static const struct json_field request_fields[] = {
    {"language", true, draft_read_language},
    {"version", false, draft_read_version},
    {"engine", false, draft_read_engine},
    {"session_id", false, draft_read_session},
    {"stateful", false, draft_read_stateful},
    {"background", false, draft_read_background},
    {"code", false, draft_read_code},
    {"files", false, draft_read_files},
    {"entrypoint", false, draft_read_entrypoint},
    {"args", false, draft_read_args},
    {"flags", false, draft_read_flags},
    {"env", false, draft_read_env},
    {"stdin", false, draft_read_stdin},
    {"limits", false, draft_read_limits},
    {"output_files", false, draft_read_output_files},
    {"artifacts", false, draft_read_artifacts},
    {"output_encoding", false, draft_read_output_encoding},
    {"async", false, after_read_async},
    {"retry", false, after_read_retry},
    {"webhook", false, after_read_webhook},
};

/* Names that other services use, and limits that were sent one level too high. */
static const struct {
	const char *sent, *meant;
} synonyms[] = {
    {"timeout", "limits.wall_time_ms"},
    {"timeout_ms", "limits.wall_time_ms"},
    {"run_timeout", "limits.wall_time_ms"},
    {"compile_timeout", "limits.compile_time_ms"},
    {"memory", "limits.memory_bytes"},
    {"memory_limit", "limits.memory_bytes"},
    {"run_memory_limit", "limits.memory_bytes"},
    {"environment", "env"},
    {"compiler_options", "flags"},
    {"options", "flags"},
    {"input", "stdin"},
    {"session", "session_id"},
    {"runtime", "language"},
    {"source", "code"},
    {"source_code", "code"},
    {"script", "code"},
#define X(name, of_key, of_runtime) {#name, "limits." #name},
#include "api/limit.def"
#undef X
};

static int explain_unknown(struct err *err)
{
	char field[sizeof(err->field)];

	for (size_t i = 0; err && i < ARRAY_LEN(synonyms); i++) {
		if (strcmp(err->field, synonyms[i].sent) != 0)
			continue;
		strcpy(field, err->field);
		return err_field(err, ERR_UNKNOWN_FIELD, field,
				 "There is no field '%s'; did you mean '%s'?", field,
				 synonyms[i].meant);
	}
	return -ERR_UNKNOWN_FIELD;
}

int native_read_program(struct draft *draft, struct yyjson_val *value, const char *path,
			const struct json_field *more, size_t more_count, struct err *err)
{
	struct json_field fields[JSON_FIELDS_MAX];
	size_t count = ARRAY_LEN(request_fields);

	memcpy(fields, request_fields, sizeof(request_fields));
	if (more_count)
		memcpy(fields + count, more, more_count * sizeof(*more));
	int rc = json_object_read(value, path, fields, count + more_count, draft, err);
	if (rc == -ERR_UNKNOWN_FIELD)
		return explain_unknown(err);
	return rc < 0 ? rc : draft_complete(draft, err);
}

static int native_decode(const struct api_context *api, const struct api_request *request,
			 struct arena *arena, struct job_spec *ret_spec, struct err *err)
{
	/* needs somebody who types and looks */
	static const struct json_field terminal[] = {{"pty", false, draft_read_pty}};
	struct draft draft = {.api = api, .arena = arena};
	int rc = native_read_program(&draft, request->body, "", terminal,
				     request->connected ? ARRAY_LEN(terminal) : 0, err);

	struct job_session *session = &draft.spec.session;

	if (rc == 0 && session->stateful && session->background)
		return err_field(err, ERR_INVALID_FIELD, "background", "A session is either stateful or has background processes.");
	session->fresh = !session->id.len && (session->stateful || session->background);
	if (rc == 0)
		rc = after_complete(&draft, request, err);
	if (rc == 0)
		*ret_spec = draft.spec;
	return rc;
}

/* The same request; the answer is what all can read. */
const struct dialect dialect_union = {
    .name = "union",
    .decode = native_decode,
    .encode_result = union_encode_result,
    .encode_error = union_encode_error,
    .encode_runtimes = union_encode_runtimes,
};

const struct dialect dialect_native = {
    .name = "native",
    .decode = native_decode,
    .encode_result = native_encode_result,
    .encode_error = native_encode_error,
    .encode_runtimes = native_encode_runtimes,
};
