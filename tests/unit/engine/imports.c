/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/util.h"
#include "engine/imports.h"

static char *words[] = {"import", "from", "use"}, *names[] = {"numpy", "xml", "_x1", "List::Util"};
static const struct imports imports = {words, ARRAY_LEN(words), names, ARRAY_LEN(names)};

static void test_lines(void **state)
{
	static const struct {
		const char *text;
		bool wanted;
	} rows[] = {
	    {"", false},
	    {"\n", false},
	    {"import numpy", true},
	    {"import numpy as np\n", true},
	    {"import numpy.random\n", true},
	    {"import numpy;", true},
	    {"import os, sys ,\tnumpy\n", true},
	    {"import os,numpy", true},
	    {"import os,", false},
	    {"from numpy import array", true},
	    {"from xml.etree import ElementTree", true},
	    {"from os import numpy", false},
	    {"from os import path, numpy", false},
	    {"import os; import numpy", true},
	    {"use strict; use List::Util qw(sum);", true},
	    {"use List::Utils;", false},
	    {"use List;", false},
	    {"use  numpy", true},
	    {"useful numpy", false},
	    {"require numpy", false},
	    {"import os.numpy", false},
	    {"import numpyx", false},
	    {"import xnumpy", false},
	    {"import", false},
	    {"import ", false},
	    {"from ", false},
	    {"from", false},
	    {"importnumpy", false},
	    {"from\tnumpy\timport x", true},
	    {"def f():\n    import _x1\n", true},
	    {"def f():\n\timport _x1", true},
	    {"print('import numpy')\n# import numpy\n", false},
	    {"print(1)\r\nimport numpy\r\n", true},
	    {"\n\n\nimport os\n\nimport\nimport numpy", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (imports_any(slice_from(rows[i].text), &imports) != rows[i].wanted)
			fail_msg("row %zu: %s", i, rows[i].text);
}

static void test_ends_where_the_text_ends(void **state)
{
	static const char text[] = "import numpy";

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++)
		assert_int_equal(imports_any((struct slice){text, len}, &imports), len >= 12);
	assert_false(imports_any((struct slice){NULL, 0}, &imports));
	assert_false(imports_any(slice_from("import numpy"), &(struct imports){words, ARRAY_LEN(words), names, 0}));
	assert_false(imports_any(slice_from("import numpy"), &(struct imports){words, 0, names, ARRAY_LEN(names)}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lines),
	    cmocka_unit_test(test_ends_where_the_text_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
