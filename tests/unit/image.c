/* SPDX-License-Identifier: Apache-2.0 */
/* What an image build does with trees and packages, on small ones made here. No network. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/fd.h"
#include "base/util.h"
#include "image/contents.h"
#include "image/image.h"
#include "image/internal.h"
#include "image/machine.h"
#include "image/npm.h"
#include "image/packages.h"
#include "image/plan.h"
#include "image/tool.h"
#include "image/tree.h"

static char dir[] = "/tmp/sandglass-image-XXXXXX";

static const char *at(const char *name)
{
	static char paths[4][256];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
	return path;
}

static void put(const char *name, const char *text)
{
	FILE *out = fopen(at(name), "w");

	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

static bool there(const char *name)
{
	struct stat st;

	return lstat(at(name), &st) == 0;
}

static int empty_dir(void **state)
{
	(void)state;
	tree_remove(dir, NULL);
	return mkdir(dir, 0755);
}

/* For what outlives the next calls of at(). */
static void keep_path(char out[static 256], const char *name)
{
	snprintf(out, 256, "%s/%s", dir, name);
}

/* --- trees --- */

static void test_remove_follows_no_link(void **state)
{
	(void)state;
	assert_int_equal(tree_make_directory(at("tree/a/b"), NULL), 0);
	assert_int_equal(tree_make_directory(at("outside"), NULL), 0);
	put("outside/kept", "x");
	put("tree/a/file", "x");
	assert_int_equal(symlink(at("outside"), at("tree/a/b/link")), 0);
	assert_int_equal(symlink("..", at("tree/up")), 0);
	assert_int_equal(tree_remove(at("tree"), NULL), 0);
	assert_false(there("tree"));
	assert_true(there("outside/kept"));
	assert_int_equal(tree_remove(at("tree"), NULL), 0);
}

static void test_trim(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(tree_make_directory(at("t/etc/apt/keyrings"), NULL), 0);
	assert_int_equal(tree_make_directory(at("t/var/cache/apt"), NULL), 0);
	assert_int_equal(tree_make_directory(at("t/var/log"), NULL), 0);
	assert_int_equal(tree_make_directory(at("t/usr/bin"), NULL), 0);
	put("t/etc/hostname", "build-machine");
	put("t/etc/shadow", "root:x");
	put("t/etc/passwd", "root:x");
	put("t/var/log/dpkg.log", "x");
	put("t/usr/bin/su", "x");
	assert_int_equal(chmod(at("t/usr/bin/su"), 06755), 0);
	assert_int_equal(symlink("/outside", at("t/dev")), 0);
	assert_int_equal(unlink(at("t/dev")), 0);

	assert_int_equal(tree_trim(at("t"), NULL), 0);
	assert_false(there("t/etc/hostname"));
	assert_false(there("t/etc/shadow"));
	assert_false(there("t/etc/apt/keyrings"));
	assert_false(there("t/var/log/dpkg.log"));
	assert_true(there("t/etc/passwd"));
	assert_true(there("t/var/log"));
	assert_true(there("t/work") && there("t/dev/shm") && there("t/proc") && there("t/home"));
	assert_int_equal(stat(at("t/usr/bin/su"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
}

/* --- contents --- */

static void test_contents_tell_every_change(void **state)
{
	struct contents before, now, read;
	char digest[DIGEST_BYTES], again[DIGEST_BYTES], told[1024] = "";

	(void)state;
	assert_int_equal(tree_make_directory(at("t/a"), NULL), 0);
	put("t/a/same", "x");
	put("t/a/changed", "x");
	put("t/a/mode", "x");
	put("t/a/gone", "x");
	put("t/a/odd\nname\\", "x");
	put("t/a.b", "between a and a/");
	assert_int_equal(symlink("same", at("t/a/link")), 0);
	assert_int_equal(contents_scan(&before, at("t"), NULL), 0);
	assert_int_equal(before.count, 8);
	assert_int_equal(before.files, 6);
	assert_int_equal(contents_save(&before, at("list"), digest, NULL), 0);
	assert_int_equal(contents_load(&read, at("list"), again, NULL), 0);
	assert_string_equal(digest, again);
	assert_int_equal(contents_compare(&before, &read, NULL), 0);

	put("t/a/changed", "y");
	put("t/a/new", "x");
	chmod(at("t/a/mode"), 0600);
	unlink(at("t/a/gone"));
	unlink(at("t/a/link"));
	assert_int_equal(symlink("changed", at("t/a/link")), 0);
	assert_int_equal(contents_scan(&now, at("t"), NULL), 0);
	FILE *out = fmemopen(told, sizeof(told), "w");
	assert_int_equal(contents_compare(&read, &now, out), 5);
	fclose(out);
	assert_string_equal(told, "changed: a/changed\nmissing: a/gone\nchanged: a/link\n"
				  "changed: a/mode\nadded: a/new\n");
	contents_finish(&before);
	contents_finish(&now);
	contents_finish(&read);
}

/* --- packages --- */

static unsigned count_files(const char *name)
{
	struct contents contents;

	assert_int_equal(contents_scan(&contents, at(name), NULL), 0);
	unsigned files = (unsigned)contents.files;
	contents_finish(&contents);
	return files;
}

static void test_packages_go_round(void **state)
{
	(void)state;
	assert_int_equal(tree_make_directory(at("t/var/cache/apt/archives/partial"), NULL), 0);
	put("t/var/cache/apt/archives/one_1.0_amd64.deb", "one");
	put("t/var/cache/apt/archives/two_2%3a1_all.deb", "two");
	put("t/var/cache/apt/archives/lock", "");
	put("t/var/cache/apt/archives/partial/three_3_all.deb", "thr");
	assert_int_equal(packages_keep(at("cache"), at("t"), NULL, NULL), 2);
	assert_int_equal(count_files("cache"), 2);
	assert_int_equal(packages_offer(at("cache"), at("new"), NULL), 2);
	assert_true(there("new/var/cache/apt/archives/one_1.0_amd64.deb"));
	assert_true(there("new/var/cache/apt/archives/two_2%3a1_all.deb"));
	/* an interrupted build may not have come as far as having archives */
	assert_int_equal(packages_keep(at("cache"), at("nothing"), NULL, NULL), 0);
}

static void test_damaged_packages_are_forgotten(void **state)
{
	(void)state;
	assert_int_equal(tree_make_directory(at("t/var/cache/apt/archives"), NULL), 0);
	put("t/var/cache/apt/archives/one_1_all.deb", "one");
	assert_int_equal(packages_keep(at("cache"), at("t"), NULL, NULL), 1);
	put("t/var/cache/apt/archives/one_1_all.deb", "cut"); /* the same file: a hard link */
	put("cache/short.deb", "x");
	assert_true(packages_offer(at("cache"), at("new"), NULL) >= 0);
	assert_int_equal(count_files("cache"), 0);
	assert_int_equal(count_files("new"), 0);
}

static void test_unused_packages_are_forgotten_after_a_build(void **state)
{
	char line[256];

	(void)state;
	assert_int_equal(tree_make_directory(at("t/var/cache/apt/archives"), NULL), 0);
	assert_int_equal(tree_make_directory(at("cache"), NULL), 0);
	put("cache/old_1_all.deb", "old");
	put("t/var/cache/apt/archives/one_1_all.deb", "one");
	assert_int_equal(packages_keep(at("cache"), at("t"), at("list"), NULL), 1);
	assert_int_equal(count_files("cache"), 1);
	assert_false(there("cache/old_1_all.deb"));
	FILE *in = fopen(at("list"), "r");
	assert_non_null(fgets(line, sizeof(line), in));
	fclose(in);
	assert_string_equal(line, "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
				  "  one_1_all.deb\n");
}

/* --- images --- */

static void put_image(const char *name)
{
	char list[64], path[64], digest[DIGEST_BYTES];
	struct contents contents;

	snprintf(path, sizeof(path), "%s/root/usr", name);
	assert_int_equal(tree_make_directory(at(path), NULL), 0);
	snprintf(path, sizeof(path), "%s/root/usr/file", name);
	put(path, "x");
	snprintf(path, sizeof(path), "%s/root", name);
	snprintf(list, sizeof(list), "%s/contents", name);
	assert_int_equal(contents_scan(&contents, at(path), NULL), 0);
	assert_int_equal(contents_save(&contents, at(list), digest, NULL), 0);
	contents_finish(&contents);
	struct image_runtime runtime = {"one", "1"};
	const struct image_info info = {"trixie", "x86_64", "now",    digest, digest,
					"1",	  "1",	    &runtime, 1};
	snprintf(path, sizeof(path), "%s/image.yaml", name);
	assert_int_equal(image_info_save(&info, at(path), NULL), 0);
}

static void test_list_and_verify(void **state)
{
	struct image_list list;
	struct err err = {0};

	(void)state;
	assert_int_equal(image_list_load(&list, at("none"), NULL), 0);
	assert_int_equal(list.count, 0);
	image_list_finish(&list);
	put_image("second");
	put_image("first");
	assert_int_equal(tree_make_directory(at(".build/root"), NULL), 0);
	assert_int_equal(image_list_load(&list, dir, NULL), 0);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.entries[0].name, "first");
	image_list_finish(&list);

	assert_int_equal(image_verify(dir, "first", NULL, &err), 0);
	assert_int_equal(image_verify(dir, "third", NULL, &err), -ERR_NOT_FOUND);
	assert_int_equal(image_verify(dir, "../first", NULL, &err), -ERR_CONFIG);
	put("first/root/usr/file", "y");
	assert_int_equal(image_verify(dir, "first", NULL, &err), -ERR_IMAGE);
	assert_non_null(strstr(err.text, "1 place"));
	put("second/contents", "");
	assert_int_equal(image_verify(dir, "second", NULL, &err), -ERR_IMAGE);
}

static void test_remove_spares_what_is_in_use(void **state)
{
	struct err err = {0};

	(void)state;
	put_image("default");
	int held = open(at("default/root"), O_RDONLY | O_DIRECTORY);
	assert_int_equal(flock(held, LOCK_SH), 0);
	assert_int_equal(image_remove(dir, "default", &err), -ERR_CONFLICT);
	/* a build takes the name all the same; the tree stays until nobody holds it */
	assert_int_equal(image_retire(dir, "default", &err), 0);
	assert_false(there("default"));
	assert_int_equal(faccessat(held, "usr/file", F_OK, 0), 0);
	assert_int_equal(image_retire(dir, "default", &err), 0);
	assert_int_equal(faccessat(held, "usr/file", F_OK, 0), 0);
	close(held);
	assert_int_equal(image_retire(dir, "default", &err), 0);
	assert_int_equal(count_files("."), 1); /* the lock */

	assert_int_equal(image_remove(dir, "default", &err), -ERR_NOT_FOUND);
	put_image("default");
	assert_int_equal(image_remove(dir, "default", &err), 0);
	assert_false(there("default"));
}

static void test_one_at_a_time(void **state)
{
	struct err err = {0};
	char images[256], runtimes[256];
	const struct image_options options = {.image_dir = images, .runtime_dir = runtimes};

	(void)state;
	keep_path(images, "images");
	keep_path(runtimes, "runtimes");
	assert_int_equal(tree_make_directory(at("runtimes/one"), NULL), 0);
	put("runtimes/one/runtime.yaml",
	    "id: one\nname: One\nfile_name: f\nversion: '1'\nrun: [/f]\n"
	    "hello: {code: a, output: b}\nengines: [native]\n"
	    "least: {processes: 1, memory_bytes: 1}\n");
	int lock = image_lock(options.image_dir, &err);
	assert_true(lock >= 0);
	assert_int_equal(image_build(&options, &err), -ERR_CONFLICT);
	assert_int_equal(image_remove(options.image_dir, "default", &err), -ERR_CONFLICT);
	fd_close(lock);
}

/* The recipe follows what a build depends on, and nothing else. */
static void test_recipe(void **state)
{
	static const char common[] = "id: one\nname: One\nfile_name: f\nversion: '1'\nrun: [/f]\n"
				     "engines: [native]\nleast: {processes: 1, memory_bytes: 1}\n";
	static const char *const same = "hello: {code: a, output: b}\npackages: [p]\n";
	static const char *const hello = "hello: {code: other, output: b}\npackages: [p]\n";
	static const char *const package = "hello: {code: a, output: b}\npackages: [q]\n";
	char first[65], next[65], text[512], runtimes[256];
	struct image_options options = {.runtime_dir = runtimes};

	(void)state;
	keep_path(runtimes, "runtimes");
	assert_int_equal(tree_make_directory(at("runtimes/one"), NULL), 0);
	snprintf(text, sizeof(text), "%s%s", common, same);
	put("runtimes/one/runtime.yaml", text);
	assert_int_equal(image_recipe(first, &options, NULL), 0);
	snprintf(text, sizeof(text), "%s%s", common, hello);
	put("runtimes/one/runtime.yaml", text);
	assert_int_equal(image_recipe(next, &options, NULL), 0);
	assert_string_equal(first, next);
	snprintf(text, sizeof(text), "%s%s", common, package);
	put("runtimes/one/runtime.yaml", text);
	assert_int_equal(image_recipe(next, &options, NULL), 0);
	assert_string_not_equal(first, next);
	options.suite = "forky";
	assert_int_equal(image_recipe(first, &options, NULL), 0);
	assert_string_not_equal(first, next);
}

/* Each image has a recipe of its own, and files that manifests bring are part of it. */
static void test_recipe_of_named_images(void **state)
{
	static const char *const text =
	    "id: one\nname: One\nfile_name: f\nrun: [/f]\nengines: [native]\nfiles: [build]\n"
	    "least: {processes: 1, memory_bytes: 1}\nhello: {code: a, output: b}\n"
	    "versions:\n- {provider: A, version: '1'}\n"
	    "- {provider: B, version: '2', images: [extended, host], packages: [p]}\n"
	    "- {provider: C, version: '3', images: [extended]}\n";
	char runtimes[256], first[65], other[65];
	struct image_options options = {.runtime_dir = runtimes};
	struct err err = {0};

	(void)state;
	keep_path(runtimes, "runtimes");
	assert_int_equal(tree_make_directory(at("runtimes/one"), NULL), 0);
	put("runtimes/one/runtime.yaml", text);
	assert_int_equal(image_recipe(first, &options, &err), -ERR_IO);
	assert_non_null(strstr(err.text, "runtimes/one/build"));
	put("runtimes/one/build", "one");
	assert_int_equal(image_recipe(first, &options, NULL), 0);
	options.name = "extended";
	assert_int_equal(image_recipe(other, &options, NULL), 0);
	assert_string_not_equal(first, other);
	put("runtimes/one/build", "two");
	assert_int_equal(image_recipe(first, &options, NULL), 0);
	assert_string_not_equal(first, other);
	options.name = "nothing";
	assert_int_equal(image_recipe(first, &options, &err), -ERR_IMAGE);
	assert_non_null(strstr(err.text, "'nothing'; there are: default, extended."));
	options.name = "host";
	assert_int_equal(image_recipe(first, &options, &err), -ERR_IMAGE);
}

/* A version that comes from this machine is planned only while the machine has it. */
static void test_what_the_machine_has(void **state)
{
	static const char *const text =
	    "id: one\nname: One\nfile_name: f\nrun: [/f]\nengines: [native]\n"
	    "least: {processes: 1, memory_bytes: 1}\nhello: {code: a, output: b}\n"
	    "versions:\n- {provider: A, version: '1'}\n"
	    "- {provider: B, version: '2', machine: {place: b, holds: sdk, from: [/nowhere, "
	    "%s]}}\n";
	char manifest[1024], runtimes[256], from[256], root[256], recipes[3][65];
	struct image_options options = {.runtime_dir = runtimes};
	struct err err = {0};
	struct plan plan;

	(void)state;
	keep_path(runtimes, "runtimes");
	keep_path(from, "from");
	keep_path(root, "root");
	assert_int_equal(tree_make_directory(at("runtimes/one"), NULL), 0);
	snprintf(manifest, sizeof(manifest), text, from);
	put("runtimes/one/runtime.yaml", manifest);
	assert_int_equal(tree_make_directory(from, NULL), 0);
	assert_int_equal(plan_load(&plan, runtimes, "default", NULL), 0);
	assert_int_equal(plan.version_count, 1);
	plan_finish(&plan);
	assert_int_equal(image_recipe(recipes[0], &options, NULL), 0);

	assert_int_equal(tree_make_directory(at("from/sdk/1.2"), NULL), 0);
	put("from/sdk/1.2/tool", "works");
	assert_int_equal(image_recipe(recipes[1], &options, NULL), 0);
	assert_int_equal(plan_load(&plan, runtimes, "default", NULL), 0);
	assert_int_equal(plan.version_count, 2);
	assert_string_equal(plan.versions[1].variant.provider, "B");
	if (machine_install(plan.parts[2].brings->machine, root, -1, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(access(at("root/opt/b/sdk/1.2/tool"), R_OK), 0);
	plan_finish(&plan);
	assert_int_equal(tree_make_directory(at("from/sdk/1.3"), NULL), 0);
	assert_int_equal(image_recipe(recipes[2], &options, NULL), 0);
	assert_string_not_equal(recipes[0], recipes[1]);
	assert_string_not_equal(recipes[1], recipes[2]);
}

static void test_packages_of_note(void **state)
{
	static char *packages[] = {"python3-numpy", "virtual", "c"};
	static struct manifest_npm npm[] = {{"x", "@a/b", "1.2", "sha512-"}};
	struct manifest manifest = {.versions_count = 1,
				    .common = {.packages = packages, .packages_count = 2}};
	struct plan plan = {.version_count = 1};

	(void)state;
	plan.versions[0] = (struct plan_version){
	    .manifest = &manifest,
	    .variant = {.packages = packages + 2, .packages_count = 1, .npm = npm, .npm_count = 1}};
	assert_int_equal(
	    plan_note_packages(&plan, "\nxpython3-numpy 9\npython3-numpy 1:2.2\nc 4\n", NULL), 0);
	assert_int_equal(plan.versions[0].package_count, 3);
	assert_string_equal(plan.versions[0].packages[0], "python3-numpy 1:2.2");
	assert_string_equal(plan.versions[0].packages[1], "c 4");
	assert_string_equal(plan.versions[0].packages[2], "@a/b 1.2");
	plan_finish(&plan);
}

/* --- packages of npm --- */

static void integrity_of(char out[static 96], const char *path)
{
	unsigned char digest[64], data[4096];
	FILE *in = fopen(path, "rb");

	assert_non_null(in);
	size_t len = fread(data, 1, sizeof(data), in);
	fclose(in);
	assert_int_equal(EVP_Digest(data, len, digest, NULL, EVP_sha512(), NULL), 1);
	memcpy(out, "sha512-", 7);
	EVP_EncodeBlock((unsigned char *)out + 7, digest, sizeof(digest));
}

/* What the cache holds needs no registry; what is damaged there is not unpacked. */
static void test_npm_from_the_cache(void **state)
{
	char integrity[96], digest[DIGEST_BYTES], cache[256], root[256], name[128], text[16];
	const struct manifest_npm npm = {"toy", "@sandglass/no-such-package", "1.0.0", integrity};
	char command[1024];
	struct err err = {0};

	(void)state;
	keep_path(cache, "cache");
	keep_path(root, "root");
	assert_int_equal(tree_make_directory(cache, NULL), 0);
	put("package-main", "works");
	snprintf(command, sizeof(command),
		 "cd %s/.. && tar czf toy.tgz --transform=s,^,package/, package-main", cache);
	assert_int_equal(system(command), 0);
	integrity_of(integrity, at("toy.tgz"));
	digest_data(digest, integrity, strlen(integrity));
	snprintf(name, sizeof(name), "cache/%s.tgz", digest);
	snprintf(command, sizeof(command), "cp %s/../toy.tgz %s/../%s", cache, cache, name);
	assert_int_equal(system(command), 0);
	if (npm_install(&npm, cache, root, -1, &err) < 0)
		fail_msg("%s", err.text);
	FILE *in = fopen(at("root/opt/toy/package-main"), "r");
	assert_non_null(in);
	assert_non_null(fgets(text, sizeof(text), in));
	assert_string_equal(text, "works");
	fclose(in);
}

/* --- tools --- */

static void test_tool(void **state)
{
	char *const good[] = {"sh", "-c", "echo one; echo two >&2; printf three", NULL};
	char *const bad[] = {"sh", "-c", "echo fine; echo no such thing; exit 3", NULL};
	char *const none[] = {"sandglass-no-such-tool", NULL};
	char *const killed[] = {"sh", "-c", "kill -9 $$", NULL};
	_buf_finish_ struct buf out;
	struct err err = {0};

	(void)state;
	buf_init(&out, KIB);
	assert_int_equal(tool_capture(good, &out, &err), 0);
	assert_string_equal(buf_c_str(&out), "one\ntwo\nthree\n");
	assert_int_equal(tool_capture(bad, &out, &err), -ERR_IMAGE);
	assert_string_equal(err.text, "sh failed with status 3: no such thing");
	assert_int_equal(tool_capture(none, &out, &err), -ERR_IMAGE);
	assert_non_null(strstr(err.text, "install"));
	assert_int_equal(tool_capture(killed, &out, &err), -ERR_IMAGE);
	assert_non_null(strstr(err.text, "signal 9"));
}

static void tell_line(void *ctx, const char *line)
{
	(void)line;
	(void)!write(*(int *)ctx, "", 1);
}

/*
 * Ends a process in tool_run by the signal, once the tool has said that it is there. ret_held reads
 * from a pipe of which the tool has the other end as long as any of its processes lives.
 */
static int interrupt_tool(const char *script, int signal_number, int *ret_held)
{
	char *const argv[] = {"sh", "-c", (char *)script, NULL};
	int held[2], said[2], status;
	char byte;

	assert_int_equal(pipe2(held, O_CLOEXEC), 0);
	assert_int_equal(pipe2(said, O_CLOEXEC), 0);
	pid_t pid = fork();
	if (pid == 0) {
		const struct tool_watch watch = {.line = tell_line, .ctx = &said[1]};
		signal(signal_number, SIG_DFL); /* who runs the tests may have it ignored */
		close(held[0]);
		tool_run(argv, held[1], &watch, NULL);
		_exit(99);
	}
	close(held[1]);
	close(said[1]);
	assert_int_equal(read(said[0], &byte, 1), 1);
	close(said[0]);
	kill(pid, signal_number);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	*ret_held = held[0];
	return status;
}

/* Nothing of it is left when it goes: the next build may begin. */
static void test_interrupted_tool_leaves_nothing(void **state)
{
	static const struct {
		const char *script;
		int signal_number;
		bool needs_root; /* what is in another session is found by a namespace only */
	} rows[] = {
	    {"echo here; exec sleep 1000", SIGTERM, false},
	    {"sh -c 'sleep 1000' & echo here; wait", SIGINT, false},
	    {"trap 'sleep 0.1; exit' TERM; sleep 1000 & echo here; wait; wait", SIGHUP, false},
	    {"setsid sleep 1000 & echo here; sleep 1000", SIGTERM, true},
	    {"trap '' TERM INT; setsid sh -c 'trap \"\" TERM; sleep 1000; sleep 1000' & echo here; "
	     "sleep 1000",
	     SIGINT, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].needs_root && geteuid() != 0)
			continue;
		int held;
		int status = interrupt_tool(rows[i].script, rows[i].signal_number, &held);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != rows[i].signal_number)
			fail_msg("%s: ended with %x", rows[i].script, (unsigned)status);
		struct pollfd pollfd = {.fd = held};
		if (poll(&pollfd, 1, 0) != 1 || !(pollfd.revents & POLLHUP))
			fail_msg("%s: something is left", rows[i].script);
		close(held);
	}
}

/* Killed, it can wait for nothing, but what it has started is killed with it. */
static void test_killed_build_ends_its_tool(void **state)
{
	char byte;
	int held;

	(void)state;
	if (geteuid() != 0)
		skip();
	int status = interrupt_tool("setsid sleep 1000 & echo here; sleep 1000", SIGKILL, &held);
	assert_int_equal(WTERMSIG(status), SIGKILL);
	assert_int_equal(read(held, &byte, 1), 0);
	close(held);
}

static void raise_hangup(void *ctx, const char *line)
{
	(void)line;
	*(unsigned *)ctx += 1;
	raise(SIGHUP);
}

/* As with nohup. */
static void test_ignored_signals_stay_ignored(void **state)
{
	char *const argv[] = {"sh", "-c", "echo one; sleep 0.1; echo two", NULL};
	void (*before)(int) = signal(SIGHUP, SIG_IGN);
	unsigned lines = 0;
	const struct tool_watch watch = {.line = raise_hangup, .ctx = &lines};

	(void)state;
	assert_int_equal(tool_run(argv, -1, &watch, NULL), 0);
	assert_int_equal(lines, 2);
	signal(SIGHUP, before);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_remove_follows_no_link, empty_dir),
	    cmocka_unit_test_setup(test_trim, empty_dir),
	    cmocka_unit_test_setup(test_contents_tell_every_change, empty_dir),
	    cmocka_unit_test_setup(test_packages_go_round, empty_dir),
	    cmocka_unit_test_setup(test_damaged_packages_are_forgotten, empty_dir),
	    cmocka_unit_test_setup(test_unused_packages_are_forgotten_after_a_build, empty_dir),
	    cmocka_unit_test_setup(test_list_and_verify, empty_dir),
	    cmocka_unit_test_setup(test_remove_spares_what_is_in_use, empty_dir),
	    cmocka_unit_test_setup(test_one_at_a_time, empty_dir),
	    cmocka_unit_test_setup(test_recipe, empty_dir),
	    cmocka_unit_test_setup(test_recipe_of_named_images, empty_dir),
	    cmocka_unit_test_setup(test_what_the_machine_has, empty_dir),
	    cmocka_unit_test(test_packages_of_note),
	    cmocka_unit_test_setup(test_npm_from_the_cache, empty_dir),
	    cmocka_unit_test_setup(test_tool, empty_dir),
	    cmocka_unit_test(test_interrupted_tool_leaves_nothing),
	    cmocka_unit_test(test_killed_build_ends_its_tool),
	    cmocka_unit_test(test_ignored_signals_stay_ignored),
	};

	if (!mkdtemp(dir))
		return 99;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	tree_remove(dir, NULL);
	return failed;
}
