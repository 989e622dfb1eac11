/* SPDX-License-Identifier: Apache-2.0 */
#include "image/image.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/output.h"
#include "cli/settings.h"
#include "cli/table.h"

/* One struct for all of them: a verb's rows only name the members it has. */
struct image_verb_options {
	struct settings settings;
	const char *suite, *mirror;
	bool force, json;
};

static int finish(int rc, struct config *config, const struct err *err)
{
	config_finish(config);
	if (rc == 0)
		return 0;
	/* A tree that differs is a finding, not a fault of ours. */
	return rc == -ERR_IMAGE ? cli_fail(EXIT_CODE_FAILED, "%s", err->text) : cli_fail_err(err);
}

/* --- build --- */

static int run_build(void *opts, int argc, char **argv)
{
	const struct image_verb_options *options = opts;
	struct config config;
	struct err err = {0};

	if (settings_load(&options->settings, &config, &err) < 0)
		return cli_fail_err(&err);
	const struct image_options image = {
	    .image_dir = config.image_dir,
	    .runtime_dir = config.runtime_dir,
	    .name = argc ? argv[0] : NULL,
	    .suite = options->suite,
	    .mirror = options->mirror,
	    .force = options->force,
	    .out = stderr,
	};
	return finish(image_build(&image, &err), &config, &err);
}

/* clang-format off */
static const struct cli_option build_options[] = {
	{"suite", '\0', OPTION_TEXT, "SUITE", offsetof(struct image_verb_options, suite), COMPLETE_NONE,
	 "Debian suite to build from; otherwise " IMAGE_DEFAULT_SUITE},
	{"mirror", '\0', OPTION_TEXT, "URI", offsetof(struct image_verb_options, mirror), COMPLETE_NONE,
	 "Debian archive; otherwise $SANDGLASS_DEBIAN_MIRROR or the one this machine's apt uses"},
	{"force", 'f', OPTION_FLAG, NULL, offsetof(struct image_verb_options, force), COMPLETE_NONE,
	 "build even if the image is up to date"},
	SETTINGS_ROWS(struct image_verb_options),
};
/* clang-format on */

static const struct verb verb_build = {
    .name = "build",
    .operands = "[NAME]",
    .summary = "Build the image that programs run in, with mmdebstrap; needs root",
    .details = "An interrupted build goes on where it stopped. A running server takes the new image"
	       " when it is started again.",
    .operands_most = 1,
    .options = build_options,
    .option_count = ARRAY_LEN(build_options),
    .options_bytes = sizeof(struct image_verb_options),
    .run = run_build,
};

/* --- list --- */

static void put_runtimes(struct json_writer *w, const struct image_info *info)
{
	json_object_open(w, "runtimes");
	for (unsigned i = 0; i < info->runtimes_count; i++)
		json_put_text(w, info->runtimes[i].id, info->runtimes[i].version);
	json_object_close(w);
}

static int list_json(const struct image_list *list)
{
	struct output output;

	output_begin(&output);
	json_array_open(&output.json, NULL);
	for (unsigned i = 0; i < list->count; i++) {
		const struct image_info *info = list->entries[i].info;
		json_object_open(&output.json, NULL);
		json_put_text(&output.json, "name", list->entries[i].name);
		json_put_text(&output.json, "suite", info->suite);
		json_put_text(&output.json, "architecture", info->architecture);
		json_put_text(&output.json, "built", info->built);
		json_put_text(&output.json, "recipe", info->recipe);
		json_put_text(&output.json, "contents", info->contents);
		put_runtimes(&output.json, info);
		json_object_close(&output.json);
	}
	json_array_close(&output.json);
	return output_end(&output);
}

static void name_runtimes(const struct image_info *info, char *out, size_t cap)
{
	size_t used = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < info->runtimes_count && used < cap; i++)
		used += (size_t)snprintf(out + used, cap - used, "%s%s %s", i ? ", " : "",
					 info->runtimes[i].id, info->runtimes[i].version);
}

static int list_table(const struct image_list *list)
{
	_table_ struct table table;

	table_init(&table, 5);
	table_row(&table, "IMAGE", "SUITE", "BUILT", "SIZE", "RUNTIMES");
	for (unsigned i = 0; i < list->count; i++) {
		const struct image_info *info = list->entries[i].info;
		char runtimes[256], size[32];
		snprintf(size, sizeof(size), "%llu MiB", strtoull(info->bytes, NULL, 10) / MIB);
		name_runtimes(info, runtimes, sizeof(runtimes));
		table_row(&table, list->entries[i].name, info->suite, info->built, size, runtimes);
	}
	table_print(&table, stdout);
	return 0;
}

static int run_list(void *opts, int argc _unused_, char **argv _unused_)
{
	const struct image_verb_options *options = opts;
	struct image_list list = {0};
	struct config config;
	struct err err = {0};

	if (settings_load(&options->settings, &config, &err) < 0)
		return cli_fail_err(&err);
	int rc = image_list_load(&list, config.image_dir, &err);
	config_finish(&config);
	if (rc < 0)
		return cli_fail_err(&err);
	int code = options->json ? list_json(&list) : list_table(&list);
	image_list_finish(&list);
	return code;
}

/* clang-format off */
static const struct cli_option list_options[] = {
	{"json", 'j', OPTION_FLAG, NULL, offsetof(struct image_verb_options, json), COMPLETE_NONE,
	 "print JSON"},
	SETTINGS_ROWS(struct image_verb_options),
};
/* clang-format on */

static const struct verb verb_list = {
    .name = "list",
    .operands = "",
    .summary = "List the images of this machine",
    .options = list_options,
    .option_count = ARRAY_LEN(list_options),
    .options_bytes = sizeof(struct image_verb_options),
    .run = run_list,
};

/* --- verify and remove --- */

/* clang-format off */
static const struct cli_option plain_options[] = {
	SETTINGS_ROWS(struct image_verb_options),
};
/* clang-format on */

static int run_verify(void *opts, int argc, char **argv)
{
	const struct image_verb_options *options = opts;
	struct config config;
	struct err err = {0};

	if (settings_load(&options->settings, &config, &err) < 0)
		return cli_fail_err(&err);
	int rc = image_verify(config.image_dir, argc ? argv[0] : IMAGE_DEFAULT_NAME, stdout, &err);
	return finish(rc, &config, &err);
}

static const struct verb verb_verify = {
    .name = "verify",
    .operands = "[NAME]",
    .summary = "Compare every file of an image with its list of contents",
    .operands_most = 1,
    .options = plain_options,
    .option_count = ARRAY_LEN(plain_options),
    .options_bytes = sizeof(struct image_verb_options),
    .run = run_verify,
};

static int run_remove(void *opts, int argc _unused_, char **argv)
{
	const struct image_verb_options *options = opts;
	struct config config;
	struct err err = {0};

	if (settings_load(&options->settings, &config, &err) < 0)
		return cli_fail_err(&err);
	return finish(image_remove(config.image_dir, argv[0], &err), &config, &err);
}

static const struct verb verb_remove = {
    .name = "remove",
    .operands = "NAME",
    .summary = "Remove an image that no server uses",
    .operands_least = 1,
    .operands_most = 1,
    .options = plain_options,
    .option_count = ARRAY_LEN(plain_options),
    .options_bytes = sizeof(struct image_verb_options),
    .run = run_remove,
};

static const struct verb *const image_verbs[] = {&verb_build, &verb_list, &verb_verify,
						 &verb_remove, NULL};

const struct verb verb_image = {
    .name = "image",
    .operands = "",
    .summary = "Build, list, verify and remove the images that programs run in",
    .verbs = image_verbs,
};
