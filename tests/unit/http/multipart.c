/* SPDX-License-Identifier: Apache-2.0 */
/* multipart/form-data: what is in it, however it is cut; and what is refused. */
#define _GNU_SOURCE
#include "http/multipart.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/util.h"
#include "tests/unit/unit.h"

#define TYPE	   "multipart/form-data; boundary=XX"
#define PART(name) "--XX\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n"
#define END	   "\r\n--XX--\r\n"

/* Parts as "name(type)=data;" and "." at the end; "refused" if it is. */
static const char *outcome(struct slice body, size_t step)
{
	static struct buf out;
	static struct multipart multipart;
	struct slice piece;
	struct err err;
	int event = 0;

	buf_finish(&out);
	buf_init(&out, MIB);
	assert_true(multipart_init(&multipart, slice_from(TYPE)));
	while (body.len && event >= 0) {
		struct slice bytes = {body.data, MIN_OF(step, body.len)};
		body.data += bytes.len;
		body.len -= bytes.len;
		while ((event = multipart_next(&multipart, &bytes, &piece, &err)) > MULTIPART_MORE) {
			if (event == MULTIPART_PART)
				buf_printf(&out, "%s%s(%.*s)=", out.len ? ";" : "", multipart.name, (int)multipart.type.len,
					   multipart.type.data ? multipart.type.data : "");
			else if (event == MULTIPART_DATA)
				buf_append(&out, piece.data, piece.len);
			else
				buf_append_text(&out, ".");
		}
	}
	if (event < 0) {
		assert_int_equal(err.code, ERR_BAD_REQUEST);
		return "refused";
	}
	assert_int_equal(multipart_ended(&multipart), out.len && out.data[out.len - 1] == '.');
	return buf_c_str(&out);
}

static void parts_come_as_they_are_however_they_are_cut(void **state _unused_)
{
	static const struct {
		struct slice body;
		const char *outcome;
	} rows[] = {
#define ROW(body, outcome) {SLICE_LITERAL(body), outcome}
	    ROW(PART("a") "1" END, "a()=1."),
	    ROW(PART("a") END, "a()=."),
	    ROW(PART("a") "1\r\n--XX--", "a()=1."),
	    ROW(PART("a") "1\r\n" PART("b") "2" END, "a()=1;b()=2."),
	    ROW(PART("a") "\r\n\r\n--X\r\n--XY--XX" END, "a()=\r\n\r\n--X\r\n--XY--XX."),
	    ROW(PART("a") "\r\r\n\r\n-\r\n--\r\n--X" END, "a()=\r\r\n\r\n-\r\n--\r\n--X."),
	    ROW("--XX\r\ncontent-disposition: Form-Data; filename=\"a;b\\\"; NAME=x\r\nContent-Type: text/plain; a=b\r\n\r\n1" END,
		"x(text/plain; a=b)=1."),
	    ROW("--XX\r\nContent-Disposition: form-data; name=\"a\"; filename*=UTF-8''x\r\n"
		"Content-Transfer-Encoding: binary\r\nX-Other: y\r\n\r\n1" END,
		"a()=1."),
	    ROW(PART("a") "1\r\n--XX", "a()=1"),
	    ROW(PART("a") "1\r\n--X", "a()=1"),
	    /* refused */
	    ROW("\r\n" PART("a") "1" END, "refused"),
	    ROW("preamble\r\n" PART("a") "1" END, "refused"),
	    ROW(PART("a") "1" END "epilogue", "refused"),
	    ROW(PART("a") "1" END "\r\n", "refused"),
	    ROW(PART("a") "1\r\n--XX \r\n", "refused"),
	    ROW(PART("a") "1\r\n--XX-\r\n", "refused"),
	    ROW(PART("a") "1\r\n--XX\n", "refused"),
	    ROW("--XX\r\n\r\n1" END, "refused"),
	    ROW("--XX\r\nContent-Type: a/b\r\n\r\n1" END, "refused"),
	    ROW("--XX\r\nContent-Disposition: attachment; name=a\r\n\r\n1" END, "refused"),
	    ROW("--XX\r\nContent-Disposition: form-data; name=\"\"\r\n\r\n1" END, "refused"),
	    ROW("--XX\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n1" END, "refused"),
	    ROW("--XX\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1" END, "refused"),
	    ROW("--XX\r\nContent-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=a\r\n\r\n1" END, "refused"),
	    ROW("--XX\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\n1" END, "refused"),
	    ROW("--XX\r\nContent-Disposition: form-data; name=a\nX: y\r\n\r\n1" END, "refused"),
	    ROW("--XX\r\nContent-Disposition: form-data;\r\n name=a\r\n\r\n1" END, "refused"),
	    ROW("--XX\r\nContent-Disposition : form-data; name=a\r\n\r\n1" END, "refused"),
	    ROW("--XX\r\nContent-Disposition: form-data; name=a\0b\r\n\r\n1" END, "refused"),
#undef ROW
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t step = 1; step <= rows[i].body.len; step++)
			assert_string_equal(outcome(rows[i].body, step), rows[i].outcome);
}

static void heads_have_a_ceiling(void **state _unused_)
{
	static char body[2 * MULTIPART_HEAD_BYTES_MAX];
	int at = snprintf(body, sizeof(body), "--XX\r\nContent-Disposition: form-data; name=a\r\nX: ");

	memset(body + at, 'x', sizeof(body) - (size_t)at);
	assert_string_equal(outcome((struct slice){body, sizeof(body)}, 100), "refused");
}

static void boundaries_are_of_few_characters(void **state _unused_)
{
#define B10 "bbbbbbbbbb"
	static const struct {
		const char *type;
		bool good;
	} rows[] = {
	    {"multipart/form-data; boundary=a", true},
	    {"Multipart/Form-Data;charset=utf-8;BOUNDARY=\"a b?\"", true},
	    {"multipart/form-data; boundary=" B10 B10 B10 B10 B10 B10 B10, true},
	    {"multipart/form-data; boundary=" B10 B10 B10 B10 B10 B10 B10 "b", false},
	    {"multipart/form-data; boundary=\"a \"", false},
	    {"multipart/form-data; boundary=\"\"", false},
	    {"multipart/form-data; boundary=", false},
	    {"multipart/form-data; boundary=a; boundary=b", false},
	    {"multipart/form-data; boundary=\"a\rb\"", false},
	    {"multipart/form-data; boundary=\"a*b\"", false},
	    {"multipart/form-data", false},
	    {"multipart/mixed; boundary=a", false},
	    {"multipart/form-data boundary=a", false},
	    {"", false},
	};
	struct multipart multipart;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(multipart_init(&multipart, slice_from(rows[i].type)), rows[i].good);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parts_come_as_they_are_however_they_are_cut),
	    cmocka_unit_test(heads_have_a_ceiling),
	    cmocka_unit_test(boundaries_are_of_few_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
