/* SPDX-License-Identifier: Apache-2.0 */
/* What a run is made of, and what its end is called. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdio.h>

#include "engine/payload.h"
#include "engine/verdict.h"
#include "ipc/payload.h"

static char *compile_argv[] = {"/usr/bin/gcc", "-o", "{out}", "{sources}", "{flags}"};
static char *run_argv[] = {"./{out}", "{args}"};
static char *script_argv[] = {"/usr/bin/python3", "{entry}", "{args}"};
static char *told_argv[] = {"/opt/vm", "-m{heap_mib}of{memory_mib},{young_mib}", "{cpu}", "{flags}"};
static char *told_env[] = {"LIMIT={memory_mib}MiB", "CPUS={cpus}", "HEX={memory_hex}",
                           "FORM={entr}{"};
static char *suffixes[] = {".c"};
static char *runtime_env[] = {"LANG=C", "X=runtime"};

static struct job_file files[] = {
    {SLICE_LITERAL("-odd.c"), SLICE_LITERAL("int main;")},
    {SLICE_LITERAL("b.h"), SLICE_LITERAL("")},
    {SLICE_LITERAL("@c.c"), SLICE_LITERAL("x\0y")},
};
static struct slice args[] = {SLICE_LITERAL("a b"), SLICE_LITERAL(""), SLICE_LITERAL("$(x)\n'\"")};
static struct slice env[] = {SLICE_LITERAL("X=caller"), SLICE_LITERAL("HOME=/elsewhere")};

static struct runtime runtime = {.id = "t", .source_suffixes = suffixes, .source_suffix_count = 1,
                                 .artefact = "main"};
static struct runtime_version compiled = {.compile = {compile_argv, 5}, .run = {run_argv, 2},
                                          .env = runtime_env, .env_count = 2};
static struct runtime_version script = {.run = {script_argv, 3}, .env = runtime_env, .env_count = 2};
static struct runtime_version told = {.run = {told_argv, 4}, .env = told_env, .env_count = 4};

static struct job_spec spec_of(struct runtime_version *version)
{
	return (struct job_spec){.runtime = &runtime, .version = version, .files = files,
	                         .file_count = ARRAY_LEN(files), .args = args, .arg_count = ARRAY_LEN(args),
	                         .env = env, .env_count = ARRAY_LEN(env)};
}

/* The strings of a payload, one after the other. */
static void assert_strings(const struct buf *payload, const char *const *expected, size_t count)
{
	const struct payload_header *header = (const void *)payload->data;
	const char *at = payload->data + sizeof(*header), *end = at + header->strings_bytes;

	assert_int_equal(header->magic, PAYLOAD_MAGIC);
	assert_int_equal(header->total_bytes, payload->len);
	assert_int_equal(header->argc + header->envc, count);
	for (size_t i = 0; i < count; i++) {
		assert_true(at < end);
		assert_string_equal(at, expected[i]);
		at += strlen(at) + 1;
	}
	assert_ptr_equal(at, end);
}

static void a_compile_gets_sources_and_none_of_the_callers_variables(void **state _unused_)
{
	static const char *const expected[] = {
	    "/usr/bin/gcc", "-o", "main", "./-odd.c", "./@c.c", "-O3", "-g",
	    "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/home", "TMPDIR=/tmp", "USER=sandbox", "LANG=C", "X=runtime",
	};
	struct slice flags[] = {SLICE_LITERAL("-O3"), SLICE_LITERAL("-g")};
	struct job_spec spec = spec_of(&compiled);
	_buf_finish_ struct buf payload;

	spec.flags = flags;
	spec.flag_count = ARRAY_LEN(flags);
	buf_init(&payload, MIB);
	assert_int_equal(payload_write(&payload, &spec, STAGE_COMPILE), 0);
	assert_strings(&payload, expected, ARRAY_LEN(expected));
	const struct payload_header *header = (const void *)payload.data;
	assert_int_equal(header->argc, 7);
	assert_int_equal(header->file_count, 3);
	assert_string_equal(header->artefact, "main");
}

static void a_compiled_program_runs_beside_its_files(void **state _unused_)
{
	static const char *const expected[] = {
	    "./main", "a b", "", "$(x)\n'\"",
	    "PATH=/usr/local/bin:/usr/bin:/bin", "TMPDIR=/tmp", "USER=sandbox", "LANG=C", "X=caller", "HOME=/elsewhere",
	};
	struct job_spec spec = spec_of(&compiled);
	_buf_finish_ struct buf payload;

	buf_init(&payload, MIB);
	assert_int_equal(payload_write(&payload, &spec, STAGE_RUN), 0);
	assert_int_equal(((const struct payload_header *)(const void *)payload.data)->file_count,
	                 ARRAY_LEN(files));
	assert_strings(&payload, expected, ARRAY_LEN(expected));
}

static void a_runtime_is_told_its_share(void **state _unused_)
{
	static const char *const expected[] = {
	    "/opt/vm", "-m96of128,4", "{cpu}", "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/home",
	    "LANG=C.UTF-8", "TMPDIR=/tmp", "USER=sandbox", "LIMIT=128MiB", "CPUS=2", "HEX=8000000",
	    "FORM={entr}{",
	};
	struct job_spec spec = spec_of(&told);
	_buf_finish_ struct buf payload;

	spec.env_count = 0;
	spec.limits.memory_bytes = 128 * MIB;
	spec.limits.cpu_milli = 1001;
	buf_init(&payload, MIB);
	assert_int_equal(payload_write(&payload, &spec, STAGE_RUN), 0);
	assert_strings(&payload, expected, ARRAY_LEN(expected));
}

static void files_follow_aligned_and_whole(void **state _unused_)
{
	struct job_spec spec = spec_of(&script);
	_buf_finish_ struct buf payload;

	buf_init(&payload, MIB);
	assert_int_equal(payload_write(&payload, &spec, STAGE_RUN), 0);
	const struct payload_header *header = (const void *)payload.data;
	size_t at = sizeof(*header) + header->strings_bytes;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		at = (at + 7) & ~(size_t)7;
		const struct payload_file *file = (const void *)(payload.data + at);
		at += sizeof(*file);
		assert_int_equal(file->mode, 0644);
		assert_int_equal(file->name_bytes, files[i].name.len);
		assert_string_equal(payload.data + at, files[i].name.data);
		at += file->name_bytes + 1;
		assert_int_equal(file->data_bytes, files[i].data.len);
		assert_memory_equal(payload.data + at, files[i].data.data, files[i].data.len);
		at += file->data_bytes;
	}
	assert_int_equal(at, payload.len);
}

/* Name, mode and data of each file of a payload, as "name mode data", in turn. */
static void assert_files(const struct buf *payload, const char *const *expected, size_t count)
{
	const struct payload_header *header = (const void *)payload->data;
	size_t at = sizeof(*header) + header->strings_bytes;
	char line[512];

	assert_int_equal(header->file_count, count);
	for (size_t i = 0; i < count; i++) {
		struct payload_file file;
		at = (at + 7) & ~7ul;
		memcpy(&file, payload->data + at, sizeof(file));
		const char *name = payload->data + at + sizeof(file);
		snprintf(line, sizeof(line), "%s %o %.*s", name, file.mode, (int)file.data_bytes,
		         name + file.name_bytes + 1);
		assert_string_equal(line, expected[i]);
		at += sizeof(file) + file.name_bytes + 1 + file.data_bytes;
	}
	assert_int_equal(at, payload->len);
}

static void a_scanner_stands_in_the_place_of_the_program(void **state _unused_)
{
	static const char *const as_text[] = {"-odd.c 644 int main;", "b.h 644 SCAN", ".sandglass-program 644 scan_1 text\nbody",
	                                      "artifacts 755 "};
	static const char *const as_file[] = {"-odd.c 644 int main;", "b.h 644 SCAN", ".sandglass-program 644 scan_1 file\nbody"};
	struct job_file two[] = {files[0], {SLICE_LITERAL("b.h"), SLICE_LITERAL("body")}};
	struct job_spec spec = spec_of(&script);
	_buf_finish_ struct buf payload;

	spec.files = two;
	spec.file_count = 2;
	spec.entry = 1;
	spec.artifacts = true;
	spec.scan = (struct job_scan){.scanner = SLICE_LITERAL("SCAN"), .word = "scan_1", .as_text = true};
	buf_init(&payload, MIB);
	assert_int_equal(payload_write(&payload, &spec, STAGE_RUN), 0);
	assert_files(&payload, as_text, ARRAY_LEN(as_text));
	buf_clear(&payload);
	spec.artifacts = spec.scan.as_text = false;
	assert_int_equal(payload_write(&payload, &spec, STAGE_RUN), 0);
	assert_files(&payload, as_file, ARRAY_LEN(as_file));
}

static void every_end_has_its_status(void **state _unused_)
{
	static const struct {
		struct msg_run_done done;
		bool truncated;
		enum run_status status;
		int signal;
	} rows[] = {
	    {{.end = RUN_EXITED}, false, RUN_STATUS_OK, 0},
	    {{.end = RUN_EXITED, .exit_code = 3}, false, RUN_STATUS_ERROR, 0},
	    {{.end = RUN_EXITED, .exit_code = 1, .disk_full = 1}, false, RUN_STATUS_DISK_LIMIT, 0},
	    {{.end = RUN_EXITED, .disk_full = 1}, false, RUN_STATUS_OK, 0},
	    {{.end = RUN_EXITED, .exit_code = 1, .processes_hit = 2}, false, RUN_STATUS_PROCESS_LIMIT, 0},
	    {{.end = RUN_EXITED, .processes_hit = 2}, false, RUN_STATUS_OK, 0},
	    {{.end = RUN_SIGNALED, .signal = SIGSEGV}, false, RUN_STATUS_SIGNAL, SIGSEGV},
	    {{.end = RUN_SIGNALED, .signal = SIGXFSZ}, false, RUN_STATUS_DISK_LIMIT, SIGXFSZ},
	    {{.end = RUN_WALL_LIMIT}, false, RUN_STATUS_WALL_TIMEOUT, SIGKILL},
	    {{.end = RUN_CPU_LIMIT}, false, RUN_STATUS_CPU_TIMEOUT, SIGKILL},
	    {{.end = RUN_MEMORY_LIMIT}, false, RUN_STATUS_MEMORY_LIMIT, SIGKILL},
	    {{.end = RUN_KILLED, .kill_reason = KILL_OUTPUT_LIMIT}, true, RUN_STATUS_OUTPUT_LIMIT, SIGKILL},
	    {{.end = RUN_EXITED}, true, RUN_STATUS_OUTPUT_LIMIT, SIGKILL},
	    {{.end = RUN_SIGNALED, .signal = SIGPIPE}, true, RUN_STATUS_OUTPUT_LIMIT, SIGKILL},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct stage_result result = {.out_truncated = rows[i].truncated};
		verdict_fill(&result, &rows[i].done);
		assert_int_equal(result.status, rows[i].status);
		assert_int_equal(result.signal, rows[i].signal);
		assert_int_equal(result.has_exit_code, result.signal == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_compile_gets_sources_and_none_of_the_callers_variables),
	    cmocka_unit_test(a_compiled_program_runs_beside_its_files),
	    cmocka_unit_test(a_scanner_stands_in_the_place_of_the_program),
	    cmocka_unit_test(a_runtime_is_told_its_share),
	    cmocka_unit_test(files_follow_aligned_and_whole),
	    cmocka_unit_test(every_end_has_its_status),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
