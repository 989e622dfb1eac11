/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first byte of an input names an address of another product's format, the rest is a request's
 * body. Whatever comes out keeps the promises of a job, and whatever is said is JSON. A run of a
 * tool gets what it asks of the store. The same bytes are what a program printed in the answer.
 */
#include <stdio.h>
#include <string.h>

#include "insist.h"
#include "json/json.h"
#include "promises.h"
#include "world.h"

#define ARENA_BYTES (64 * MIB)
#define OURS_BYTES  MIB /* of the program around a function, and its input */
#define NEEDS_MAX   16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct address {
	const struct dialect *dialect;
	struct slice path, tool;
} addresses[] = {
    {&dialect_union, SLICE_LITERAL("/v1/execute"), {0}},
    {&dialect_riza, SLICE_LITERAL("/v1/execute"), {0}},
    {&dialect_riza, SLICE_LITERAL("/v1/execute-function"), {0}},
    {&dialect_riza, SLICE_LITERAL("/v1/tools/tool_1/execute"), SLICE_LITERAL("tool_1")},
    {&dialect_runtools1, SLICE_LITERAL("/v1/execute"), {0}},
    {&dialect_runtools2, SLICE_LITERAL("/v1/execute"), {0}},
    {&dialect_relaxai, SLICE_LITERAL("/v1/tools/code"), {0}},
    {&dialect_piston, SLICE_LITERAL("/api/v2/execute"), {0}},
    {&dialect_nadoo, SLICE_LITERAL("/api/v1/execute"), {0}},
    {&dialect_nadoo, SLICE_LITERAL("/api/v1/execute/async"), {0}},
};

static const struct api_context api = {.config = &world_config, .runtimes = &world_runtimes};

static struct slice no_header(const struct api_request *request _unused_, const char *name _unused_)
{
	return (struct slice){0};
}

/* --- what the store has --- */

#define TOOL                                                                                       \
	"{\"id\":\"tool_1\",\"revision_id\":\"trev_1\",\"language\":\"python\","                   \
	"\"code\":\"def execute(i): 1\",\"input_schema\":{\"type\":\"object\",\"required\":"       \
	"[\"a\"]},\"runtime_revision_id\":\"rrev_1\"}"

static bool find(const struct document_need *need, struct document *ret_document)
{
	static const struct {
		enum document_kind kind;
		const char *id, *head, *body;
	} rows[] = {
	    {DOCUMENT_TOOL, "tool_1", TOOL, ""},
	    {DOCUMENT_TOOL_REVISION, "trev_2", TOOL, ""},
	    {DOCUMENT_SECRET, "sec_1", "{}", "hidden"},
	    {DOCUMENT_RUNTIME_REVISION, "rrev_1", "{\"status\":\"succeeded\"}", ""},
	    {DOCUMENT_RUNTIME_REVISION, "rrev_2", "{\"status\":\"failed\"}", ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].kind != need->kind || !slice_equal(need->id, slice_from(rows[i].id)))
			continue;
		*ret_document = (struct document){.kind = rows[i].kind,
						  .head = slice_from(rows[i].head),
						  .body = slice_from(rows[i].body)};
		return true;
	}
	return false;
}

/* Asked one after the other, as door/execute.c does. */
static int take_needs(const struct dialect *dialect, struct arena *arena, struct job_spec *spec,
		      struct err *err)
{
	struct document_need need;
	struct document document;
	int rc = 0;

	for (unsigned i = 0; rc == 0 && dialect->next_need && dialect->next_need(spec, &need);
	     i++) {
		insist(i < NEEDS_MAX, "needs come to an end");
		rc = dialect->take(&api, arena, spec, find(&need, &document) ? &document : NULL,
				   err);
	}
	return rc;
}

/* --- what is said --- */

static void check_error(const struct api_request *request, const struct dialect *dialect, int rc,
			const struct err *err)
{
	_buf_finish_ struct buf out, refusal;
	int status = err_status(rc);

	insist(err->code == -rc && err->text[0] && status >= 400, "a refusal has a reason");
	insist(status < 500 || rc == -ERR_NOT_IMPLEMENTED, "a request is no failure of ours");
	buf_init(&out, MIB);
	buf_init(&refusal, MIB);
	dialect->encode_error(&out, err, "req_1");
	promises_check_json(buf_slice(&out), "an error is JSON");
	if (dialect->encode_refusal && dialect->encode_refusal(&refusal, request, err))
		promises_check_json(buf_slice(&refusal), "a refusal is JSON");
}

static void check_record(const struct api_request *request, const struct dialect *dialect,
			 const struct job_spec *spec, const struct job_result *result,
			 struct slice answer)
{
	struct document document;
	_buf_finish_ struct buf out;

	buf_init(&out, SIZE_MAX / 2);
	if (!dialect->encode_record ||
	    !dialect->encode_record(&out, request, spec, result, answer, &document))
		return;
	promises_check_json(document.head, "what lists show is JSON");
	if (document.body.len)
		promises_check_json(document.body, "details are JSON");
}

static void check_answer(const struct api_request *request, const struct dialect *dialect,
			 const struct job_spec *spec, const struct job_result *result)
{
	_buf_finish_ struct buf out;

	buf_init(&out, SIZE_MAX / 2);
	dialect->encode_result(&out, spec, result);
	promises_check_json(buf_slice(&out), "a result is JSON");
	check_record(request, dialect, spec, result, buf_slice(&out));
}

/* The bytes as output, and as the file that a function leaves. */
static void check_answers(const struct api_request *request, const struct dialect *dialect,
			  const struct job_spec *spec, struct slice bytes)
{
	struct buf said = {.data = (char *)bytes.data, .len = bytes.len};
	struct collected_file file = {.name = SLICE_LITERAL(".output.json"), .data = bytes};
	struct stage_result stage = {
	    .present = true, .started = true, .signal = 9, .out = said, .err = said};
	struct job_result result = {.id = "exe_01m7wbc6vdcxaxpas2r8rps4d7",
				    .status = RUN_STATUS_WALL_TIMEOUT,
				    .run = stage,
				    .collected = true,
				    .artifacts = {.files = &file, .count = 1}};

	result.run.status = RUN_STATUS_WALL_TIMEOUT;
	check_answer(request, dialect, spec, &result);
	result.compile = result.run;
	result.run = (struct stage_result){0};
	result.status = result.compile.status = RUN_STATUS_COMPILE_ERROR;
	check_answer(request, dialect, spec, &result);
}

/* --- one request --- */

static int decode(const struct dialect *dialect, struct api_request *request, struct arena *arena,
		  struct yyjson_doc **ret_doc, struct job_spec *ret_spec, struct err *err)
{
	struct slice text = request->text.len	       ? request->text
			    : dialect->empty_is_object ? SLICE_LITERAL("{}")
						       : request->text;
	char *copy = arena_alloc(arena, text.len + JSON_PADDING_BYTES);

	insist(copy, "memory");
	if (text.len)
		memcpy(copy, text.data, text.len);
	int rc = json_parse_in_place(ret_doc, copy, text.len, err);
	if (rc < 0)
		return rc;
	request->body = json_root(*ret_doc);
	rc = dialect->decode(&api, request, arena, ret_spec, err);
	return rc < 0 ? rc : take_needs(dialect, arena, ret_spec, err);
}

static void ask(const struct address *address, struct slice body)
{
	struct api_request request = {
	    .path = address->path, .params = {address->tool}, .text = body, .header = no_header};
	struct arena *arena = arena_create(ARENA_BYTES);
	struct yyjson_doc *doc = NULL;
	struct job_spec spec;
	struct err err = {0};
	int rc = decode(address->dialect, &request, arena, &doc, &spec, &err);

	if (rc < 0) {
		check_error(&request, address->dialect, rc, &err);
	} else {
		promises_check(&spec, NULL, OURS_BYTES);
		check_answers(&request, address->dialect, &spec, body);
	}
	json_free(doc);
	arena_destroy(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	promises_shrink_world();
	if (size > 0)
		ask(&addresses[data[0] % ARRAY_LEN(addresses)],
		    (struct slice){(const char *)data + 1, size - 1});
	return 0;
}
