/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What callers keep. The first byte of an input chooses: documents as they travel between
 * processes, whatever their bytes; the body of one that is to be made; the query of a list. What is
 * read lies inside of the input, and is written again as it was; what is made can be read again,
 * and heads are JSON.
 */
#include <string.h>

#include "api/files.h"
#include "api/packages.h"
#include "api/riza_kept.h"
#include "insist.h"
#include "promises.h"
#include "world.h"

#define ARENA_BYTES (64 * MIB)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --- as they travel --- */

static void check_inside(struct slice part, struct slice whole)
{
	insist(part.data >= whole.data && part.data <= whole.data + whole.len &&
		   part.len <= (size_t)(whole.data + whole.len - part.data),
	       "parts lie inside");
}

/* Numbers that no document has (what pads, what is unused) are not kept. */
static void check_written(const struct document *document)
{
	_buf_finish_ struct buf out;
	struct document again;

	buf_init(&out, 2 * DOCUMENT_BYTES_MAX);
	insist(document_write(&out, document) == 0, "what was read can be written");
	struct slice bytes = buf_slice(&out);
	insist(document_next(&bytes, &again) == 1 && bytes.len == 0, "and read, as one");
	insist(again.kind == document->kind && again.mark == document->mark &&
		   strcmp(again.id, document->id) == 0 &&
		   strcmp(again.parent, document->parent) == 0 &&
		   slice_equal(again.head, document->head) &&
		   slice_equal(again.body, document->body),
	       "and is the same");
}

static void check_documents(struct slice whole)
{
	struct slice left = whole;
	struct document document;
	int more;

	while ((more = document_next(&left, &document)) > 0) {
		check_inside(document.head, whole);
		check_inside(document.body, whole);
		insist(document.kind < DOCUMENT_KIND_COUNT, "kinds are known");
		check_written(&document);
	}
	insist(more == 0 ? left.len == 0 : more == -ERR_PROTOCOL, "they end, or are refused");
}

/* --- as they are made --- */

static const char *const olds[] = {
    NULL,
    "{\"id\":\"tool_1\",\"name\":\"n\",\"code\":\"c\",\"language\":\"python\",\"input_schema\":{"
    "\"type\":"
    "\"object\"}}",
    "{\"id\":\"rt_1\",\"name\":\"n\",\"language\":\"python\",\"engine\":\"microvm\",\"manifest_"
    "file\":{"
    "\"name\":\"requirements.txt\",\"contents\":\"\"}}",
};

static const struct {
	riza_make_fn *make;
	unsigned old;
} makes[] = {
    {riza_make_tool, 0},    {riza_make_tool, 1},     {riza_make_secret, 0},
    {riza_make_runtime, 0}, {riza_make_revision, 2},
};

static void check_made(const struct riza_making *making)
{
	struct slice bytes = buf_slice(making->documents);
	struct document document;
	unsigned count = 0;

	promises_check_json(buf_slice(making->answer), "the answer is JSON");
	for (; document_next(&bytes, &document) > 0; count++)
		promises_check_json(document.head, "a head is JSON");
	insist(count > 0 && bytes.len == 0, "documents were made, and can be read");
}

static void make(unsigned which, struct slice text)
{
	const struct api_context api = {.config = &world_config, .runtimes = &world_runtimes};
	const char *old = olds[makes[which].old];
	struct arena *arena = arena_create(ARENA_BYTES);
	struct yyjson_doc *doc = NULL, *old_doc = NULL;
	_buf_finish_ struct buf documents, answer;
	struct err err = {0};

	buf_init(&documents, 4 * DOCUMENT_BYTES_MAX);
	buf_init(&answer, 4 * DOCUMENT_BYTES_MAX);
	if (old)
		insist(json_parse(&old_doc, slice_from(old), &err) == 0, "old ones are JSON");
	if (json_parse(&doc, text, &err) == 0 && json_is_object(json_root(doc))) {
		const struct riza_making making = {
		    &api, arena, json_root(doc), json_root(old_doc), &documents, &answer, NULL};
		int rc = makes[which].make(&making, &err);
		insist(rc == 0 || (err.code == -rc && err_status(rc) == 400 && err.text[0]),
		       "a bad request is a 400 with a reason");
		if (rc == 0)
			check_made(&making);
	}
	json_free(doc);
	json_free(old_doc);
	arena_destroy(arena);
}

/* --- as they are listed --- */

static void list(struct slice query)
{
	struct riza_page page = {0};
	struct err err = {0};
	_buf_finish_ struct buf out;
	int rc = riza_read_page(query, &page, &err);

	insist(rc < 0 ||
		   (page.most >= 1 && page.most <= DOCUMENTS_PAGE_MAX && page.after.len < ID_BYTES),
	       "pages have bounds");
	buf_init(&out, 4 * DOCUMENT_BYTES_MAX);
	riza_encode_deleted(&out, query);
	promises_check_json(buf_slice(&out), "any id is JSON");
}

/* --- trees --- */

static void attach(struct slice tree)
{
	struct job_file program = {.name = SLICE_LITERAL("main.py")};
	struct job_spec spec = {.files = &program, .file_count = 1};
	struct arena *arena = arena_create(ARENA_BYTES);
	int rc = packages_attach(&spec, arena, tree.len % 2 ? PACKAGES_PYTHON : PACKAGES_NPM, tree,
				 NULL);

	insist(rc == 0 || rc == -ERR_STORE, "a tree is taken or it is none");
	insist(rc == 0 || spec.file_count == 1, "of half a tree there is nothing");
	for (size_t i = 0; i < spec.file_count; i++) {
		insist(file_name_check(spec.files[i].name, "", NULL) == 0,
		       "files have names of files");
		insist(spec.files[i].data.len <= tree.len, "data lies inside");
	}
	arena_destroy(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct slice rest = {(const char *)data + 1, size - 1};
	unsigned which = data[0] % (ARRAY_LEN(makes) + 3);

	promises_shrink_world();
	if (which < ARRAY_LEN(makes))
		make(which, rest);
	else if (which == ARRAY_LEN(makes))
		list(rest);
	else if (which == ARRAY_LEN(makes) + 1)
		check_documents(rest);
	else
		attach(rest);
	return 0;
}
