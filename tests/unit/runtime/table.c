/* SPDX-License-Identifier: Apache-2.0 */
/* The table, from directories made for the purpose and from the manifests of this repository. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/util.h"
#include "runtime/image_info.h"
#include "runtime/probe.h"
#include "runtime/runtime.h"

static char dir[] = "/tmp/sandglass-table-XXXXXX";
static const char *source_dir; /* runtimes/ of the repository */

static const char *at(const char *name)
{
	static char paths[2][256];
	static unsigned turn;
	char *path = paths[turn++ % 2];

	snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
	return path;
}

static void put(const char *folder, const char *name, const char *text)
{
	char path[400];

	mkdir(at(folder), 0755);
	snprintf(path, sizeof(path), "%s/%s", at(folder), name);
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

/* A manifest that runs program and has a probe of it, or a fixed version if argv is NULL. */
static void put_manifest(const char *id, const char *alias, const char *program, const char *argv)
{
	char folder[64], text[1024];

	mkdir(at("runtimes"), 0755);
	snprintf(folder, sizeof(folder), "runtimes/%s", id);
	snprintf(text, sizeof(text),
		 "id: %s\nname: X\naliases: [%s]\nfile_name: f\nrun: [%s, '{entry}']\n%s%s%s\n"
		 "hello: {code: a, output: b}\nleast: {processes: 7, memory_bytes: 4194304}\n"
		 "engines: [native]\n",
		 id, alias, program, argv ? "probe: {argv: " : "version: '2.0'", argv ? argv : "",
		 argv ? ", after: v}" : "");
	put(folder, "runtime.yaml", text);
}

static void put_image(const char *name, const char *runtimes)
{
	char folder[64], text[1024], digest[65];

	memset(digest, 'a', 64);
	digest[64] = '\0';
	mkdir(at("images"), 0755);
	snprintf(folder, sizeof(folder), "images/%s", name);
	snprintf(
	    text, sizeof(text),
	    "suite: trixie\narchitecture: amd64\nbuilt: now\nrecipe: %s\ncontents: %s\nfiles: 1\n"
	    "bytes: 1\nruntimes: %s\n",
	    digest, digest, runtimes);
	put(folder, "image.yaml", text);
	snprintf(folder, sizeof(folder), "images/%s/root", name);
	mkdir(at(folder), 0755);
}

static int empty_dir(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s/*", dir);
	return system(command);
}

static int load(struct runtime_table *table, bool with_host, struct err *err)
{
	char manifests[256], images[256];

	snprintf(manifests, sizeof(manifests), "%s/runtimes", dir);
	snprintf(images, sizeof(images), "%s/images", dir);
	return runtime_table_load(table, manifests, images, with_host, err);
}

static void test_profiles_come_with_their_text(void **state)
{
	struct runtime_table table;
	struct err err = {0};
	char text[1024];

	(void)state;
	put_manifest("one", "eins", "/usr/bin/one", NULL);
	snprintf(text, sizeof(text),
		 "id: one\nname: X\nfile_name: f\nrun: [/a]\nversion: '2'\nhello: {code: a, output: b}\n"
		 "least: {processes: 7, memory_bytes: 4194304}\nengines: [native]\n"
		 "warm: [{setting: lean}, {setting: full, prepare: [p, q], imports: [m], slots_most: 3}]\nimport_words: [use]\n");
	put("runtimes/one", "runtime.yaml", text);
	assert_int_equal(load(&table, false, &err), -ERR_MANIFEST);
	assert_non_null(strstr(err.text, "runtimes/one/p: "));

	put("runtimes/one", "p", "first\n");
	put("runtimes/one", "q", "second\n");
	assert_int_equal(load(&table, false, &err), 0);
	const struct runtime *one = runtime_find(&table, "one", 3);
	assert_int_equal(one->profile_count, 2);
	assert_null(one->profiles[0].prepare);
	assert_int_equal(one->profiles[0].slots_most, 0);
	assert_string_equal(one->profiles[1].prepare, "first\nsecond\n");
	assert_string_equal(one->profiles[1].imports[0], "m");
	assert_string_equal(one->import_words[0], "use");
	assert_int_equal(one->profiles[1].slots_most, 3);
	runtime_table_finish(&table);
}

static void test_images_give_versions(void **state)
{
	struct runtime_table table;
	struct err err = {0};

	(void)state;
	put_manifest("one", "eins", "/usr/bin/one", NULL);
	put_manifest("two", "zwei", "/usr/bin/two", NULL);
	put_image("b-image", "[{id: one, version: 1.9}, {id: gone, version: 3}]");
	put_image("a-image", "[{id: one, version: 1.10}, {id: two, version: 5}]");
	put_image(".half", "[{id: two, version: 9}]");
	assert_int_equal(load(&table, true, &err), 0);
	assert_int_equal(table.count, 2);
	assert_int_equal(table.image_count, 2);
	assert_string_equal(table.images[0].name, "a-image");
	assert_false(table.images[0].host);

	const struct runtime *one = runtime_find(&table, "EINS", 4);
	assert_int_equal(one->version_count, 2);
	assert_string_equal(one->versions[0].version, "1.10");
	assert_int_equal(one->versions[0].image_index, 0);
	assert_string_equal(one->versions[1].version, "1.9");
	assert_string_equal(one->versions[1].image, "b-image");
	assert_int_equal(one->versions[1].image_index, 1);
	assert_string_equal(one->versions[1].run.argv[0], "/usr/bin/one");
	assert_null(one->versions[1].run.argv[one->versions[1].run.argc]);
	assert_int_equal(one->processes_least, 7);
	runtime_table_finish(&table);
}

/* Several versions side by side: each has its own commands and what it does not give from above. */
static void test_versions_side_by_side(void **state)
{
	struct runtime_table table;
	struct err err = {0};
	bool valid;

	(void)state;
	mkdir(at("runtimes"), 0755);
	put("runtimes/one", "runtime.yaml",
	    "id: one\nname: One\nfile_name: f\nrun: [/usr/bin/one, '{flags}']\nenv: [A=1]\n"
	    "flags: ['-x={a,b}', -y]\nversion: '1'\n"
	    "versions:\n- {provider: Old}\n"
	    "- {provider: New, version: '2', run: [/opt/new/one, '{flags}'], env: [B=2], flags: "
	    "[-z]}\n"
	    "hello: {code: a, output: b}\nleast: {processes: 7, memory_bytes: 4194304}\n"
	    "engines: [native]\n");
	put_image("default", "[{id: one, version: 1.5, provider: Old, packages: [one 1.5]}, "
			     "{id: one, version: 2.1, provider: New}, {id: one, version: '3'}]");
	if (load(&table, true, &err) < 0)
		fail_msg("%s", err.text);
	const struct runtime *one = runtime_find(&table, "one", 3);
	assert_int_equal(one->version_count, 2);
	const struct runtime_version *new = runtime_select(one, "*", 1, &valid);
	const struct runtime_version *old = runtime_select(one, "1", 1, &valid);
	assert_string_equal(new->provider, "New");
	assert_string_equal(new->run.argv[0], "/opt/new/one");
	assert_string_equal(new->env[0], "B=2");
	assert_string_equal(old->run.argv[0], "/usr/bin/one");
	assert_string_equal(old->env[0], "A=1");
	assert_string_equal(old->packages[0], "one 1.5");
	assert_true(runtime_allows_flag(new, "-z", 2));
	assert_false(runtime_allows_flag(new, "-y", 2));
	runtime_table_finish(&table);
}

static void test_flags(void **state)
{
	static char *flags[] = {"-O2", "-std={c99,c11}", "-x{a}"};
	static const struct runtime_version version = {.flags = flags, .flag_count = 3};
	static const struct {
		const char *flag;
		bool allowed;
	} cases[] = {
	    {"-O2", true},
	    {"-O", false},
	    {"-O22", false},
	    {"", false},
	    {"-std=c99", true},
	    {"-std=c11", true},
	    {"-std=c1", false},
	    {"-std=c99,c11", false},
	    {"-std=", false},
	    {"-std", false},
	    {"-std={c99,c11}", false},
	    {"-std=c11}", false},
	    {"-xa", true},
	    {"-x", false},
	    {"-x}", false},
	    {"@file", false},
	    {"-wrapper", false},
	    {"-O2 -o x", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (runtime_allows_flag(&version, cases[i].flag, strlen(cases[i].flag)) !=
		    cases[i].allowed)
			fail_msg("flag '%s'", cases[i].flag);
}

static void test_host_is_asked_only_without_images(void **state)
{
	struct runtime_table table;

	(void)state;
	put_manifest("one", "eins", "/usr/bin/env", "[/usr/bin/printf, 'v4.5.6 and more']");
	put_manifest("two", "zwei", "/usr/bin/not-installed", "[/usr/bin/printf, v1]");
	put_manifest("three", "drei", "/usr/bin/env", "[/usr/bin/printf, nothing]");
	put_manifest("four", "vier", "/usr/bin/env", "[/usr/bin/false]");
	put_manifest("five", "fuenf", "/usr/bin/env", NULL);
	assert_int_equal(load(&table, true, NULL), 0);
	assert_int_equal(table.image_count, 1);
	assert_true(table.images[0].host);
	assert_string_equal(runtime_find(&table, "one", 3)->versions[0].version, "4.5.6");
	assert_string_equal(runtime_find(&table, "one", 3)->versions[0].image, "host");
	assert_string_equal(runtime_find(&table, "five", 4)->versions[0].version, "2.0");
	assert_int_equal(runtime_find(&table, "two", 3)->version_count, 0);
	assert_int_equal(runtime_find(&table, "three", 5)->version_count, 0);
	assert_int_equal(runtime_find(&table, "four", 4)->version_count, 0);
	runtime_table_finish(&table);

	assert_int_equal(load(&table, false, NULL), 0);
	assert_int_equal(table.image_count, 0);
	runtime_table_finish(&table);
	put_image("default", "[]");
	assert_int_equal(load(&table, true, NULL), 0);
	assert_false(table.images[0].host);
	runtime_table_finish(&table);
}

static void test_bad_directories(void **state)
{
	struct runtime_table table;
	struct err err = {0};

	(void)state;
	assert_int_equal(load(&table, true, &err), -ERR_IO);
	assert_non_null(strstr(err.text, "runtime_dir"));
	mkdir(at("runtimes"), 0755);
	mkdir(at("runtimes/nothing"), 0755);
	assert_int_equal(load(&table, true, &err), -ERR_MANIFEST);

	put_manifest("one", "x", "/usr/bin/one", NULL);
	put_manifest("two", "x", "/usr/bin/two", NULL);
	assert_int_equal(load(&table, false, &err), -ERR_MANIFEST);
	assert_string_equal(err.text, "The runtimes one and two both answer to 'x'.");
	put_manifest("two", "One", "/usr/bin/two", NULL);
	assert_int_equal(load(&table, false, &err), -ERR_MANIFEST);
	put_manifest("two", "one", "/usr/bin/two", NULL);
	assert_int_equal(load(&table, false, &err), -ERR_MANIFEST);
	put_manifest("two", "zwei", "/usr/bin/two", NULL);
	put_image("default", "[{id: one, version: 1}, {id: one, version: 2}]");
	assert_int_equal(load(&table, false, &err), -ERR_IMAGE);
	put_image("default", "[{id: one}]");
	assert_int_equal(load(&table, false, &err), -ERR_IMAGE);
	assert_non_null(strstr(err.text, "images/default/image.yaml"));
	put_image("default", "[]");
	put("runtimes/other", "runtime.yaml", "id: one\n");
	assert_int_equal(load(&table, false, &err), -ERR_MANIFEST);
	assert_non_null(strstr(err.text, "runtimes/other/runtime.yaml"));
}

static void test_directory_is_the_id(void **state)
{
	struct runtime_table table;
	struct err err = {0};

	(void)state;
	put_manifest("one", "x", "/usr/bin/one", NULL);
	assert_int_equal(rename(at("runtimes/one"), at("runtimes/other")), 0);
	assert_int_equal(load(&table, false, &err), -ERR_MANIFEST);
	assert_non_null(strstr(err.text, "id: must be 'other'"));
}

/* A probe that never ends must not hold the server up for ever. */
static void test_probe_time(void **state)
{
	struct manifest *m;
	char version[PROBE_VERSION_BYTES];
	struct err err = {0};
	uint64_t start = clock_now_ns();

	(void)state;
	put_manifest("one", "x", "/usr/bin/env", "[/usr/bin/sleep, '60']");
	char manifests[256];
	snprintf(manifests, sizeof(manifests), "%s/runtimes", dir);
	assert_int_equal(manifest_load(&m, manifests, "one", &err), 0);
	assert_int_equal(probe_version(version, m, &m->common, "/", &err), -ERR_IMAGE);
	assert_true(clock_now_ns() - start < 20 * NS_PER_SEC);
	manifest_free(m);
}

static void test_image_info_round_trip(void **state)
{
	char digest[65];
	char *packages[] = {"python3 3.13.5-1", "tzdata 2025b"};
	struct image_runtime runtimes[] = {
	    {.id = "python", .version = "3.13.5", .packages = packages, .packages_count = 2},
	    {.id = "c", .version = "14.2.0", .provider = "GCC"}};
	struct image_info info = {"trixie", "amd64",  "2026-11-20T00:00:00Z", digest, digest, "12",
				  "345",    runtimes, ARRAY_LEN(runtimes)};
	struct image_info *again;

	(void)state;
	memset(digest, 'b', 64);
	digest[64] = '\0';
	mkdir(at("x"), 0755);
	assert_int_equal(image_info_save(&info, at("x/image.yaml"), NULL), 0);
	assert_int_equal(image_info_load(&again, dir, "x", NULL), 0);
	assert_string_equal(again->suite, "trixie");
	assert_string_equal(again->recipe, digest);
	assert_int_equal(again->runtimes_count, 2);
	assert_string_equal(again->runtimes[1].version, "14.2.0");
	assert_null(again->runtimes[0].provider);
	assert_string_equal(again->runtimes[1].provider, "GCC");
	assert_int_equal(again->runtimes[0].packages_count, 2);
	assert_string_equal(again->runtimes[0].packages[1], "tzdata 2025b");
	assert_int_equal(again->runtimes[1].packages_count, 0);
	image_info_free(again);
}

/* The manifests that we ship load, and their names are those in the documentation. */
static void test_shipped_manifests(void **state)
{
	static const struct {
		const char *name, *id;
	} names[] = {
	    {"python", "python"},
	    {"py", "python"},
	    {"python3", "python"},
	    {"JavaScript", "javascript"},
	    {"js", "javascript"},
	    {"node", "javascript"},
	    {"bash", "bash"},
	    {"sh", "bash"},
	    {"c", "c"},
	    {"gcc", "c"},
	    {"binary", "binary"},
	    {"elf", "binary"},
	    {"native", "binary"},
	    {"executable", "binary"},
	};
	struct runtime_table table;
	struct err err = {0};

	(void)state;
	if (runtime_table_load(&table, source_dir, at("none"), false, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct runtime *runtime =
		    runtime_find(&table, names[i].name, strlen(names[i].name));
		assert_non_null(runtime);
		assert_string_equal(runtime->id, names[i].id);
	}
	runtime_table_finish(&table);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_profiles_come_with_their_text, empty_dir),
	    cmocka_unit_test_setup(test_images_give_versions, empty_dir),
	    cmocka_unit_test_setup(test_versions_side_by_side, empty_dir),
	    cmocka_unit_test(test_flags),
	    cmocka_unit_test_setup(test_host_is_asked_only_without_images, empty_dir),
	    cmocka_unit_test_setup(test_bad_directories, empty_dir),
	    cmocka_unit_test_setup(test_directory_is_the_id, empty_dir),
	    cmocka_unit_test_setup(test_probe_time, empty_dir),
	    cmocka_unit_test_setup(test_image_info_round_trip, empty_dir),
	    cmocka_unit_test_setup(test_shipped_manifests, empty_dir),
	};

	if (argc != 2 || !mkdtemp(dir))
		return 99;
	source_dir = argv[1];
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	empty_dir(NULL);
	rmdir(dir);
	return failed;
}
