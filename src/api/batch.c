/* SPDX-License-Identifier: Apache-2.0 */
/* What a request for a batch says: a program as of POST /v1/execute, and its tests. */
#include "api/batch.h"

#include <stdio.h>

#include "api/draft.h"
#include "api/native.h"

#define NAME_BYTES_MAX	  255
#define POINTS_MAX	  1000000
#define SHOW_BYTES_MAX	  (64 * KIB)
#define TOLERANCE_DEFAULT 1e-6
#define TOLERANCE_MAX	  1e300

static const char *const helper_files[BATCH_FILES] = {
    [BATCH_INPUT] = "input", [BATCH_OUTPUT] = "output", [BATCH_EXPECTED] = "expected"};

/* --- one test: ctx is a draft, whose more is this --- */

struct test_reading {
	struct batch_test *test;
	const struct job_spec *base;
};

static struct test_reading *reading_of(void *ctx)
{
	return ((struct draft *)ctx)->more;
}

static int read_test_name(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct slice *name = &reading_of(ctx)->test->name;
	int rc = json_get_text(value, path, name, err);

	return rc < 0 ? rc : draft_check_bytes(name->len, NAME_BYTES_MAX, path, err);
}

/* These replace what the program has for all its tests. */
static int read_test_args(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	((struct draft *)ctx)->spec.arg_count = 0;
	return draft_read_args(value, path, ctx, err);
}

static bool same_name(struct slice a, struct slice b)
{
	size_t len = (size_t)((const char *)memchr(a.data, '=', a.len) - a.data) + 1;

	return b.len >= len && memcmp(a.data, b.data, len) == 0;
}

static bool is_among(struct slice line, const struct slice *lines, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (same_name(line, lines[i]))
			return true;
	return false;
}

/* These are added, and win. */
static int read_test_env(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	const struct job_spec *base = reading_of(ctx)->base;
	struct draft *draft = ctx;
	struct job_spec *spec = &draft->spec;

	spec->env_count = 0;
	int rc = draft_read_env(value, path, draft, err);
	if (rc < 0)
		return rc;
	size_t own_count = spec->env_count, most = draft->api->config->env_entries_max;
	struct slice *all = arena_array(draft->arena, struct slice, own_count + base->env_count);
	if (!all)
		return draft_no_memory(err);
	memcpy(all, spec->env, own_count * sizeof(*all));
	for (size_t i = 0; i < base->env_count; i++)
		if (!is_among(base->env[i], spec->env, own_count))
			all[spec->env_count++] = base->env[i];
	spec->env = all;
	if (spec->env_count <= most)
		return 0;
	return err_limit(err, ERR_LIMIT_EXCEEDED, path, most,
			 "'%s' and the program's 'env' together have more than %zu entries.", path,
			 most);
}

/* Those of the program and these, none of which may be in the way of the other. */
static int join_files(struct draft *draft, struct job_spec *spec, const struct job_file *more,
		      size_t more_count, const char *path, struct err *err)
{
	size_t count = spec->file_count + more_count;
	struct file_set set = {.files = arena_array(draft->arena, struct job_file, count),
			       .count = count};
	char text[sizeof(err->text)];

	if (!set.files)
		return draft_no_memory(err);
	memcpy(set.files, spec->files, spec->file_count * sizeof(*set.files));
	memcpy(set.files + spec->file_count, more, more_count * sizeof(*more));
	spec->files = set.files;
	spec->file_count = count;
	int rc = files_check(&set, spec->runtime->artefact, draft->arena, err);
	if (rc != -ERR_INVALID_FIELD)
		return rc;
	snprintf(text, sizeof(text), "%s", err->text);
	return err_field(err, ERR_INVALID_FIELD, path, "%s",
			 text); /* it counts from the program's first file */
}

static int read_test_files(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct draft *draft = ctx;
	size_t most = draft->api->config->files_entries_max;
	int rc = draft_read_files(value, path, draft, err);

	if (rc < 0)
		return rc;
	if (draft->spec.file_count + draft->set.count > most)
		return err_limit(err, ERR_LIMIT_EXCEEDED, path, most,
				 "'%s' and the program's files together are more than %zu.", path,
				 most);
	return join_files(draft, &draft->spec, draft->set.files, draft->set.count, path, err);
}

static int read_expected(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct batch_test *test = reading_of(ctx)->test;

	test->has_expected = true;
	return draft_read_content(value, path, ((struct draft *)ctx)->arena, &test->expected, err);
}

static int read_expected_code(struct yyjson_val *value, const char *path, void *ctx,
			      struct err *err)
{
	uint64_t code;
	int rc = json_get_u64(value, path, 0, 255, &code, err);

	if (rc == 0)
		reading_of(ctx)->test->expected_exit_code = (int)code;
	return rc;
}

static int read_points(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	return json_get_u64(value, path, 0, POINTS_MAX, &reading_of(ctx)->test->points, err);
}

static const struct json_field test_fields[] = {
    {"name", false, read_test_name},
    {"stdin", false, draft_read_stdin},
    {"args", false, read_test_args},
    {"files", false, read_test_files},
    {"env", false, read_test_env},
    {"expected_stdout", false, read_expected},
    {"expected_exit_code", false, read_expected_code},
    {"limits", false, draft_read_limits},
    {"points", false, read_points},
};

/* --- all of it --- */

struct batch_reading {
	struct batch_request *request;
	struct yyjson_val *tests, *checker, *interactor;
	bool has_wall; /* the program's limits name it */
	const struct api_context *api;
	struct arena *arena;
};

static struct batch_reading *batch_of(void *ctx)
{
	return ((struct draft *)ctx)->more;
}

/*
 * CPU time decides; wall time only ends what sleeps, so it follows from the other unless it was
 * said.
 */
static void set_wall(const struct batch_reading *reading, struct yyjson_val *value,
		     struct job_spec *spec)
{
	if (!reading->has_wall && !json_at(value, "/limits/wall_time_ms"))
		limit_preset(LIMIT_wall_time_ms, 3 * spec->limits.cpu_time_ms + 1000, reading->api,
			     spec->runtime, &spec->limits);
}

static int read_test(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	struct batch_reading *reading = ctx;
	struct batch_request *request = reading->request;
	struct batch_test *test = &request->tests[request->count++];
	struct test_reading one = {test, &request->source};
	struct draft draft = {
	    .api = reading->api, .arena = reading->arena, .spec = request->source, .more = &one};

	test->points = 1;
	for (size_t i = 0; i < request->source.file_count; i++) /* they count for each test */
		draft.files_bytes += request->source.files[i].data.len;
	int rc = json_object_read(value, path, test_fields, ARRAY_LEN(test_fields), &draft, err);
	set_wall(reading, value, &draft.spec);
	test->spec = draft.spec;
	return rc;
}

static int read_all_tests(struct batch_reading *reading, struct err *err)
{
	struct batch_request *request = reading->request;
	size_t most = reading->api->config->batch_tests_max;

	request->tests = arena_array(reading->arena, struct batch_test,
				     MIN_OF(json_count(reading->tests), most));
	if (!request->tests)
		return draft_no_memory(err);
	int rc = json_array_read(reading->tests, "tests", most, read_test, reading, err);
	if (rc == 0 && request->count == 0)
		return err_field(err, ERR_INVALID_FIELD, "tests",
				 "'tests' must have at least one test.");
	return rc;
}

/* --- who compares --- */

static const char *const how_names[] = {[COMPARE_EXACT] = "exact",
					[COMPARE_TRAILING] = "trailing",
					[COMPARE_TOKENS] = "tokens",
					[COMPARE_FLOAT] = "float",
					[COMPARE_HOW_COUNT] = "program"};

static int read_kind(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	unsigned index;
	int rc = json_get_choice(value, path, how_names, COMPARE_HOW_COUNT, &index, err);

	if (rc == 0)
		((struct compare_rule *)ctx)->how = (enum compare_how)index;
	return rc;
}

static int read_absolute(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	return json_get_real(value, path, 0, TOLERANCE_MAX, &((struct compare_rule *)ctx)->absolute,
			     err);
}

static int read_relative(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	return json_get_real(value, path, 0, TOLERANCE_MAX, &((struct compare_rule *)ctx)->relative,
			     err);
}

static const struct json_field rule_fields[] = {
    {"kind", true, read_kind},
    {"absolute", false, read_absolute},
    {"relative", false, read_relative},
};

/* A tolerance that is not named is none if the other one is. */
static int read_rule(struct yyjson_val *value, struct compare_rule *rule, struct err *err)
{
	bool named = json_at(value, "/absolute") || json_at(value, "/relative");

	if (named)
		rule->absolute = rule->relative = 0;
	int rc = json_object_read(value, "checker", rule_fields, ARRAY_LEN(rule_fields), rule, err);
	if (rc == 0 && named && rule->how != COMPARE_FLOAT)
		return err_field(err, ERR_INVALID_FIELD, "checker",
				 "Only the checker 'float' has tolerances.");
	return rc;
}

/* What of a run has no place in a batch, whose answer comes when all is done, and whose runs leave
 * nothing. */
static int check_program(const struct job_spec *spec, const char *path, struct err *err)
{
	const struct {
		bool set;
		const char *field;
	} rows[] = {
	    {spec->output_file_count, "output_files"},
	    {spec->artifacts, "artifacts"},
	    {spec->session.id.data, "session_id"},
	    {spec->session.stateful, "stateful"},
	    {spec->session.background, "background"},
	    {spec->after.accept, "async"},
	    {spec->after.retry, "retry"},
	    {spec->after.webhook_url.data, "webhook"},
	};
	char field[JSON_PATH_BYTES];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!rows[i].set)
			continue;
		json_path_key(field, path, slice_from(rows[i].field));
		return err_field(err, ERR_INVALID_FIELD, field, "There is no '%s' in a batch.",
				 field);
	}
	return 0;
}

static int add_args(const struct batch_reading *reading, struct job_spec *spec, struct err *err)
{
	struct slice *args =
	    arena_array(reading->arena, struct slice, spec->arg_count + BATCH_FILES);

	if (!args)
		return draft_no_memory(err);
	for (size_t i = 0; i < BATCH_FILES; i++)
		args[i] = slice_from(helper_files[i]);
	if (spec->arg_count)
		memcpy(args + BATCH_FILES, spec->args, spec->arg_count * sizeof(*args));
	spec->args = args;
	spec->arg_count += BATCH_FILES;
	return 0;
}

static int read_kind_program(struct yyjson_val *value, const char *path, void *ctx _unused_,
			     struct err *err)
{
	unsigned index;

	return json_get_choice(value, path, &how_names[COMPARE_HOW_COUNT], 1, &index, err);
}

static int read_helper(const struct batch_reading *reading, struct yyjson_val *value,
		       const char *path, struct batch_helper *helper, struct err *err)
{
	static const struct json_field kind = {"kind", false, read_kind_program};
	struct draft draft = {.api = reading->api, .arena = reading->arena};
	struct job_file files[BATCH_FILES] = {0};
	char files_path[JSON_PATH_BYTES];

	for (size_t i = 0; i < BATCH_FILES; i++)
		files[i].name = slice_from(helper_files[i]);
	json_path_key(files_path, path, SLICE_LITERAL("files"));
	int rc = native_read_program(&draft, value, path, &kind, 1, err);
	if (rc == 0)
		rc = check_program(&draft.spec, path, err);
	if (rc == 0)
		rc = join_files(&draft, &draft.spec, files, BATCH_FILES, files_path, err);
	if (rc == 0)
		rc = add_args(reading, &draft.spec, err);
	helper->present = true;
	helper->spec = draft.spec;
	return rc;
}

/* "tokens", {"kind": "float", "absolute": 1e-6}, or {"kind": "program", "language": ...} */
static int read_checker(struct batch_reading *reading, struct err *err)
{
	struct yyjson_val *value = reading->checker;
	struct batch_request *request = reading->request;

	request->rule =
	    (struct compare_rule){COMPARE_TRAILING, TOLERANCE_DEFAULT, TOLERANCE_DEFAULT};
	if (!value)
		return 0;
	if (json_is_text(value))
		return read_kind(value, "checker", &request->rule, err);
	if (slice_equal(json_text(json_at(value, "/kind")),
			slice_from(how_names[COMPARE_HOW_COUNT])))
		return read_helper(reading, value, "checker", &request->checker, err);
	return read_rule(value, &request->rule, err);
}

/* --- the fields beside those of a program --- */

static int keep_tests(struct yyjson_val *value, const char *path _unused_, void *ctx,
		      struct err *err _unused_)
{
	batch_of(ctx)->tests = value;
	return 0;
}

static int keep_checker(struct yyjson_val *value, const char *path _unused_, void *ctx,
			struct err *err _unused_)
{
	batch_of(ctx)->checker = value;
	return 0;
}

static int keep_interactor(struct yyjson_val *value, const char *path _unused_, void *ctx,
			   struct err *err _unused_)
{
	batch_of(ctx)->interactor = value;
	return 0;
}

static int read_stop_on(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	static const char *const names[] = {"never", "first_failure"};
	unsigned index;
	int rc = json_get_choice(value, path, names, ARRAY_LEN(names), &index, err);

	if (rc == 0)
		batch_of(ctx)->request->stop_on_failure = index;
	return rc;
}

static int read_show(struct yyjson_val *value, const char *path, void *ctx, struct err *err)
{
	return json_get_u64(value, path, 0, SHOW_BYTES_MAX, &batch_of(ctx)->request->show_bytes,
			    err);
}

static const struct json_field batch_fields[] = {
    {"tests", true, keep_tests},
    {"checker", false, keep_checker},
    {"interactor", false, keep_interactor},
    {"stop_on", false, read_stop_on},
    {"show_output_bytes", false, read_show},
};

/* A checker, or an interactor, which is one too. */
static int read_judges(struct batch_reading *reading, struct err *err)
{
	struct batch_request *request = reading->request;

	if (!reading->interactor)
		return read_checker(reading, err);
	if (reading->checker)
		return err_field(err, ERR_INVALID_FIELD, "checker",
				 "An interactor is the checker too: send one of the two.");
	request->interactor.has_wall = json_at(reading->interactor, "/limits/wall_time_ms");
	return read_helper(reading, reading->interactor, "interactor", &request->interactor, err);
}

int batch_decode(const struct api_context *api, struct yyjson_val *body, struct arena *arena,
		 struct batch_request *ret_request, struct err *err)
{
	struct batch_request request = {0};
	struct batch_reading reading = {.request = &request, .api = api, .arena = arena};
	struct draft draft = {.api = api, .arena = arena, .more = &reading};
	int rc = native_read_program(&draft, body, "", batch_fields, ARRAY_LEN(batch_fields), err);

	request.source = draft.spec;
	reading.has_wall = json_at(body, "/limits/wall_time_ms");
	if (rc == 0)
		rc = check_program(&request.source, "", err);
	if (rc == 0)
		rc = read_judges(&reading, err);
	if (rc == 0)
		rc = read_all_tests(&reading, err);
	if (rc == 0)
		*ret_request = request;
	return rc;
}
