/* SPDX-License-Identifier: Apache-2.0 */
/* A good manifest with one line replaced at a time: errors name the file and the key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "runtime/manifest.h"
#include "runtime/runtime.h"

#define SHA512                                                                                     \
	"sha512-"                                                                                  \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="

static const char *const good[] = {
    "id: toy",
    "name: Toy",
    "aliases: [t]",
    "file_name: main.toy",
    "source_suffixes: [.toy]",
    "packages: [toy-lang, libtoy1.0-dev]",
    "probe: {argv: [/usr/bin/toy, --version], after: Toy}",
    "compile: [/usr/bin/toy, -o, '{out}', '{sources}', '{flags}']",
    "artefact: main",
    "run: ['/work/{out}', '{args}']",
    "env: [A=1]",
    "images: [default]",
    "flags: [-O2, '-std={t1,t2}']",
    "npm: []",
    "files: [build.sh]",
    "versions: []",
    "hello: {code: x, output: y}",
    "least: {processes: 1, memory_bytes: 4194304}",
    "engines: [native]",
    "warm: [{setting: lean}, {setting: full, prepare: [a.py, b.py], imports: [x_1, \"a::b\"], slots_most: 2}]",
    "import_words: [use]",
};

/* The good lines, with line `at` replaced (by nothing if with is ""). */
static size_t compose(char *out, size_t cap, size_t at, const char *with)
{
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		len += (size_t)snprintf(out + len, cap - len, "%s\n", i == at ? with : good[i]);
	return len;
}

static size_t line_of(const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (strncmp(good[i], key, strlen(key)) == 0 && good[i][strlen(key)] == ':')
			return i;
	fail_msg("no line %s", key);
	return 0;
}

static void test_good(void **state)
{
	struct manifest *m;
	struct err err = {0};
	char text[4096];
	size_t len = compose(text, sizeof(text), SIZE_MAX, "");

	(void)state;
	assert_int_equal(manifest_parse(&m, (struct slice){text, len}, "f", &err), 0);
	assert_string_equal(m->id, "toy");
	assert_int_equal(m->common.packages_count, 2);
	assert_string_equal(m->common.packages[1], "libtoy1.0-dev");
	assert_string_equal(m->common.probe->argv[1], "--version");
	assert_string_equal(m->common.run[1], "{args}");
	assert_string_equal(m->hello.output, "y");
	assert_int_equal(m->engines, RUNTIME_NATIVE);
	assert_int_equal(m->warm_count, 2);
	assert_int_equal(m->warm[0].setting, RUNTIME_WARM_LEAN);
	assert_int_equal(m->warm[1].setting, RUNTIME_WARM_FULL);
	assert_string_equal(m->warm[1].prepare[1], "b.py");
	manifest_free(m);
}

static void test_bad(void **state)
{
	static const struct {
		const char *key, *with, *says;
	} cases[] = {
	    {"id", "", "id"},
	    {"id", "id: Toy", "id: 'Toy'"},
	    {"id", "id: ../toy", "id:"},
	    {"id", "id: toy\nid: toy", "id"},
	    {"id", "id: {a: b}", "id"},
	    {"name", "", "name"},
	    {"name", "name:", "name"},
	    {"aliases", "aliases: [T]", "aliases: 'T'"},
	    {"aliases", "aliases: t", "aliases"},
	    {"aliases", "aliases: [[t]]", "aliases"},
	    {"aliases", "alias: [t]", "Unexpected key: alias, line 3"},
	    {"file_name", "", "file_name"},
	    {"file_name", "file_name: ../main", "file_name: '../main'"},
	    {"file_name", "file_name: .main", "file_name:"},
	    {"file_name", "file_name: -main", "file_name:"},
	    {"file_name", "file_name: main", "artefact:"},
	    {"source_suffixes", "source_suffixes: [toy]", "source_suffixes: 'toy'"},
	    {"source_suffixes", "", "compile: {sources} needs source_suffixes"},
	    {"packages", "packages: [-y]", "packages: '-y'"},
	    {"packages", "packages: [Toy]", "packages: 'Toy'"},
	    {"packages", "packages: ['a b']", "packages: 'a b'"},
	    {"probe", "", "probe: give either"},
	    {"probe", "version: '1'\nprobe: {argv: [/a]}", "probe: give either"},
	    {"probe", "version: v1", "version: 'v1'"},
	    {"probe", "probe: {argv: [toy]}", "probe.argv"},
	    {"probe", "probe: {argv: []}", "argv"},
	    {"probe", "probe: {after: x}", "argv"},
	    {"compile", "", "artefact: compile and artefact"},
	    {"compile", "compile: [toy, '{out}']", "compile: the program"},
	    {"compile", "compile: [/toy, '{output}']", "compile: '{output}'"},
	    {"compile", "compile: [/toy, 'x{sources}']", "compile: {sources} must be"},
	    {"compile", "compile: [/toy, 'x{out}{']", "compile:"},
	    {"artefact", "", "compile: {out} needs an artefact"},
	    {"artefact", "artefact: a/b", "artefact: 'a/b'"},
	    {"run", "", "run"},
	    {"run", "run: []", "run"},
	    {"run", "run: [toy]", "run: the program"},
	    {"run", "run: [/toy, '-{args}']", "run: {args} must be"},
	    {"env", "env: [A]", "env: 'A'"},
	    {"env", "env: ['=1']", "env: '=1'"},
	    {"env", "env: ['A={entry}']", "env: {entry} cannot"},
	    {"images", "images: [../x]", "images: '../x'"},
	    {"images", "images: default", "images"},
	    {"flags", "flags: [O2]", "flags: 'O2'"},
	    {"flags", "flags: ['@x']", "flags: '@x'"},
	    {"flags", "flags: [-I/usr]", "flags: '-I/usr'"},
	    {"flags", "flags: ['-a{b']", "flags: '-a{b'"},
	    {"flags", "flags: ['-a{}']", "flags: '-a{}'"},
	    {"flags", "flags: ['-a{b}c']", "flags: '-a{b}c'"},
	    {"flags", "flags: ['-a b']", "flags: '-a b'"},
	    {"compile", "compile: [/toy, '{out}']", "flags: {flags} stands neither"},
	    {"compile", "compile: [/toy, '{out}', 'x{flags}']", "compile: {flags} must be"},
	    {"warm", "warm: lean", "warm"},
	    {"warm", "warm: [{prepare: [a]}]", "setting"},
	    {"warm", "warm: [{setting: off}]", "setting"},
	    {"warm", "warm: [{setting: lean, prepare: [../a]}]", "warm.prepare: '../a'"},
	    {"warm", "warm: [{setting: lean, imports: [a.b]}]", "warm.imports: 'a.b'"},
	    {"import_words", "import_words: []", "import_words: warm.imports needs it"},
	    {"import_words", "import_words: [use-]", "import_words: 'use-'"},
	    {"warm", "warm: [{setting: lean, slots_most: 0}]", "warm.slots_most"},
	    {"npm", "npm: [{place: ../x, package: a, version: '1', integrity: " SHA512 "}]",
	     "npm.place: '../x'"},
	    {"npm", "npm: [{place: x, package: a/../b, version: '1', integrity: " SHA512 "}]",
	     "npm.package: 'a/../b'"},
	    {"npm", "npm: [{place: x, package: a, version: latest, integrity: " SHA512 "}]",
	     "npm.version: 'latest'"},
	    {"npm", "npm: [{place: x, package: a, version: '1', integrity: sha512-x}]",
	     "integrity"},
	    {"npm", "npm: [{place: x, package: a, version: '1'}]", "integrity"},
	    {"versions", "versions: [{provider: a, machine: {place: ../x, holds: y, from: [/z]}}]",
	     "machine.place: '../x'"},
	    {"versions", "versions: [{provider: a, machine: {place: x, holds: y/z, from: [/z]}}]",
	     "machine.holds: 'y/z'"},
	    {"versions", "versions: [{provider: a, machine: {place: x, holds: y, from: [z]}}]",
	     "machine.from: 'z'"},
	    {"versions", "versions: [{provider: a, machine: {place: x, holds: y, from: []}}]",
	     "from"},
	    {"versions", "versions: []\nmachine: {place: x, holds: y, from: [/z]}",
	     "Unexpected key: machine"},
	    {"files", "files: [../build]", "files: '../build'"},
	    {"versions", "versions: [{version: '1'}]", "provider"},
	    {"versions", "versions: [{provider: a}, {provider: a}]", "versions.provider: 'a'"},
	    {"versions", "versions: [{provider: a, run: [toy]}]", "run: the program"},
	    {"versions", "versions: [{provider: a, packages: [-y]}]", "packages: '-y'"},
	    {"versions", "versions: [{provider: a, version: '1', probe: {argv: [/a]}}]",
	     "probe: give either"},
	    {"hello", "", "hello"},
	    {"hello", "hello: {code: x}", "output"},
	    {"hello", "hello: {code: x, output: y, z: w}", "Unexpected key: z"},
	    {"least", "", "least"},
	    {"least", "least: {processes: 0, memory_bytes: 1}", "least.processes"},
	    {"least", "least: {processes: -1, memory_bytes: 1}", "least.processes"},
	    {"least", "least: {processes: 1e3, memory_bytes: 1}", "least.processes"},
	    {"least", "least: {processes: 1, memory_bytes: 16MiB}", "least.memory_bytes"},
	    {"engines", "", "engines"},
	    {"engines", "engines: []", "engines: at least one"},
	    {"engines", "engines: [docker]", "engines"},
	    {"engines", "engines: [1]", "engines"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct manifest *m = NULL;
		struct err err = {0};
		char text[4096];
		size_t len = compose(text, sizeof(text), line_of(cases[i].key), cases[i].with);
		int rc = manifest_parse(&m, (struct slice){text, len}, "toy/runtime.yaml", &err);
		if (rc != -ERR_MANIFEST)
			fail_msg("'%s' is accepted: %d", cases[i].with, rc);
		assert_null(m);
		assert_string_equal(err.field, "toy/runtime.yaml");
		if (!strstr(err.text, "toy/runtime.yaml: ") || !strstr(err.text, cases[i].says))
			fail_msg("'%s': '%s' does not say '%s'", cases[i].with, err.text,
				 cases[i].says);
	}
}

static void test_variants(void **state)
{
	static const char *const versions =
	    "versions: [{provider: Old, version: '1', images: [extended], packages: [old]}, "
	    "{provider: New, run: [/opt/new/toy], npm: [{place: new, package: '@toy/x64', version: "
	    "1.2.3, "
	    "integrity: " SHA512 "}]}]";
	struct manifest *m;
	struct err err = {0};
	char text[4096];
	size_t len = compose(text, sizeof(text), line_of("versions"), versions);

	(void)state;
	if (manifest_parse(&m, (struct slice){text, len}, "f", &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(manifest_versions(m), 2);
	struct manifest_variant old = manifest_variant_at(m, 0), new = manifest_variant_at(m, 1);
	assert_string_equal(old.version, "1");
	assert_null(old.probe);
	assert_string_equal(old.run[0], "/work/{out}");
	assert_int_equal(old.packages_count, 1);
	assert_true(manifest_variant_in(&old, "extended"));
	assert_false(manifest_variant_in(&old, "default"));
	assert_true(manifest_variant_in(&new, "default"));
	assert_null(new.version);
	assert_string_equal(new.probe->after, "Toy");
	assert_int_equal(new.run_count, 1);
	assert_int_equal(new.packages_count, 0);
	assert_string_equal(new.npm[0].package, "@toy/x64");
	assert_string_equal(new.flags[0], "-O2");
	manifest_free(m);
}

static void test_shapes(void **state)
{
	static const struct slice cases[] = {
	    {"", 0},
	    {"\n", 1},
	    SLICE_LITERAL("- id"),
	    SLICE_LITERAL("id"),
	    SLICE_LITERAL("id: a\0b"),
	    SLICE_LITERAL("{"),
	    SLICE_LITERAL("id: &x *x"),
	    SLICE_LITERAL("%YAML 9.9\n---\nid: a"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct manifest *m = NULL;
		struct err err = {0};
		assert_int_equal(manifest_parse(&m, cases[i], "f", &err), -ERR_MANIFEST);
		assert_null(m);
		assert_true(err.text[0] != '\0');
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good),
	    cmocka_unit_test(test_bad),
	    cmocka_unit_test(test_variants),
	    cmocka_unit_test(test_shapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
