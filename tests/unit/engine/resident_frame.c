/* SPDX-License-Identifier: Apache-2.0 */
/* What the front and the keeper of an interpreter say to each other: written, and read as hostile bytes. */
#include "tests/unit/unit.h"

#include <string.h>

#include "base/err.h"
#include "engine/resident_frame.h"

static const struct {
	const char *bytes;
	int rc;
	unsigned count;
} rows[] = {
    /* whole ones, and what follows them is not theirs */
    {"tok ok 0 0\n", 1, 0},
    {"tok ok 0 0\nrest", 1, 0},
    {"tok error 1 1\n0 text 3\nabc", 1, 1},
    {"tok exit 255 3\n0 text 1\na0 html 0\n2 png 2\n\n\n", 1, 3},
    /* more is to come */
    {"", 0, 0},
    {"tok ok 0 0", 0, 0},
    {"tok ok 0 1\n", 0, 0},
    {"tok ok 0 1\n0 text 3\nab", 0, 0},
    {"tok ok 0 2\n0 text 1\na1 te", 0, 0},
    {"tok ok 0 1\n0 text 67108864\n", 0, 0},
    /* nonsense */
    {"\n", -ERR_PROTOCOL, 0},
    {" ok 0 0\n", -ERR_PROTOCOL, 0},
    {"tok fine 0 0\n", -ERR_PROTOCOL, 0},
    {"tok ok 256 0\n", -ERR_PROTOCOL, 0},
    {"tok ok -1 0\n", -ERR_PROTOCOL, 0},
    {"tok ok 0\n", -ERR_PROTOCOL, 0},
    {"tok ok 0 \n", -ERR_PROTOCOL, 0},
    {"tok ok 0 0 more\n", -ERR_PROTOCOL, 0},
    {"tok ok 0 65\n", -ERR_PROTOCOL, 0},
    {"tok ok 0 99999999999999999999999999\n", -ERR_PROTOCOL, 0},
    {"tok ok 0 1\n0 exe 3\nabc", -ERR_PROTOCOL, 0},
    {"tok ok 0 1\n33 text 3\nabc", -ERR_PROTOCOL, 0},
    {"tok ok 0 1\n0 text 67108865\n", -ERR_PROTOCOL, 0},
    {"tok ok 0 1\n0 text 18446744073709551616\n", -ERR_PROTOCOL, 0},
    {"tok ok 0 2\n1 text 0\n0 text 0\n", -ERR_PROTOCOL, 0}, /* not in order */
    {"a_token_that_is_longer_than_any_of_ours ok 0 0\n", -ERR_PROTOCOL, 0},
};

static void frames_are_read_or_refused(void **state)
{
	struct resident_frame frame;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int rc = resident_frame_parse(slice_from(rows[i].bytes), &frame);
		if (rc != rows[i].rc || (rc == 1 && frame.count != rows[i].count))
			fail_msg("row %zu: %d", i, rc);
	}
}

static void a_line_without_end_is_refused(void **state)
{
	char bytes[RESIDENT_LINE_BYTES + 1];
	struct resident_frame frame;

	(void)state;
	memset(bytes, 'a', sizeof(bytes));
	assert_int_equal(resident_frame_parse((struct slice){bytes, RESIDENT_LINE_BYTES - 1}, &frame), 0);
	assert_int_equal(resident_frame_parse((struct slice){bytes, RESIDENT_LINE_BYTES}, &frame), -ERR_PROTOCOL);
}

static void parts_lead_into_the_bytes(void **state)
{
	static const char bytes[] = "tok interrupted 130 2\n0 json 4\n{\"a}3 png 3\nxyzmore";
	struct resident_frame frame;

	(void)state;
	assert_int_equal(resident_frame_parse((struct slice){bytes, sizeof(bytes) - 1}, &frame), 1);
	assert_string_equal(frame.token, "tok");
	assert_int_equal(frame.outcome, RESIDENT_OUTCOME_INTERRUPTED);
	assert_int_equal(frame.exit_code, 130);
	assert_int_equal(frame.bytes, sizeof(bytes) - 1 - strlen("more"));
	assert_int_equal(frame.parts[0].form, RESIDENT_FORM_JSON);
	assert_memory_equal(frame.parts[0].data.data, "{\"a}", 4);
	assert_int_equal(frame.parts[1].value, 3);
	assert_int_equal(frame.parts[1].form, RESIDENT_FORM_PNG);
	assert_memory_equal(frame.parts[1].data.data, "xyz", 3);
}

static void requests_have_their_token_at_the_end(void **state)
{
	struct resident_request request = {.code = SLICE_LITERAL("x = 1\n"), .stdin_data = SLICE_LITERAL("in"),
				       .bytes_most = 1000, .number = 7, .token = "ask_0"};
	_buf_finish_ struct buf out;
	size_t body = RESIDENT_HEAD_BYTES + request.code.len + request.stdin_data.len;

	(void)state;
	buf_init(&out, KIB);
	assert_int_equal(resident_request_write(&out, &request), 0);
	assert_int_equal(out.len, body + RESIDENT_TOKEN_BYTES);
	assert_memory_equal(out.data, "execute 6 2 1000 7 ", 19);
	assert_int_equal(out.data[RESIDENT_HEAD_BYTES - 1], '\n');
	assert_memory_equal(out.data + RESIDENT_HEAD_BYTES, "x = 1\nin", 8);
	assert_memory_equal(out.data + body, "ask_0 ", 6);
	assert_int_equal(out.data[out.len - 1], '\n');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(frames_are_read_or_refused),
	    cmocka_unit_test(a_line_without_end_is_refused),
	    cmocka_unit_test(parts_lead_into_the_bytes),
	    cmocka_unit_test(requests_have_their_token_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
