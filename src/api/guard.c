/* SPDX-License-Identifier: Apache-2.0 */
#include "api/guard.h"

#include <stdio.h>
#include <string.h>

#include "scan/scan.h"

/*
 * With these the interpreter, its loader or the C library would load files of the request before they load the
 * scanner: PYTHONPATH and its kin, LD_PRELOAD and its, HOME with a usercustomize.py below, GCONV_PATH.
 */
static const struct slice before_program[] = {SLICE_LITERAL("PYTHON"), SLICE_LITERAL("LD_"),
					      SLICE_LITERAL("HOME="),
					      SLICE_LITERAL("GCONV_PATH=")};

static const char all[] = "all";

static bool is_format(const char *word)
{
	bool known = !*word || strcmp(word, all) == 0;

	for (unsigned i = 0; !known && i < DIALECT_COUNT; i++)
		known = strcmp(word, dialects[i]->name) == 0;
	return known;
}

int guard_check(const struct config *config, struct err *err)
{
	char word[64];

	for (const char *at = config->scan; *at;) {
		size_t len = strcspn(at, ", ");
		snprintf(word, sizeof(word), "%.*s", (int)len, at);
		if (!is_format(word))
			return err_field(err, ERR_CONFIG, "scan",
					 "scan: there is no format called '%s'.", word);
		at += len + (at[len] != '\0');
	}
	return 0;
}

bool guard_looks(const struct config *config, const struct dialect *dialect)
{
	return scan_lists(config->scan, dialect->name) || scan_lists(config->scan, all);
}

static int check_env(const struct job_spec *spec, struct err *err)
{
	for (size_t i = 0; i < spec->env_count; i++)
		for (size_t k = 0; k < ARRAY_LEN(before_program); k++)
			if (slice_begins(spec->env[i], before_program[k]))
				return err_field(
				    err, ERR_INVALID_FIELD, "env",
				    "This server looks at programs before they run; variables "
				    "that begin with '%s' are not allowed with that.",
				    before_program[k].data);
	return 0;
}

static int check_files(const struct job_spec *spec, struct err *err)
{
	for (size_t i = 0; i < spec->file_count; i++)
		if (slice_equal(spec->files[i].name, SLICE_LITERAL(JOB_SCANNED_FILE)))
			return err_field(err, ERR_INVALID_FIELD, "files",
					 "No file may be called '%s'.", JOB_SCANNED_FILE);
	return 0;
}

int guard_apply(const struct api_context *api, const struct dialect *dialect, struct job_spec *spec,
		struct err *err)
{
	bool looks = guard_looks(api->config, dialect);

	if ((!looks && !spec->scan.as_text) || strcmp(spec->runtime->id, SCAN_LANGUAGE) != 0)
		return 0;
	if (!api->scan->looking.len)
		return err_set(err, ERR_NOT_IMPLEMENTED,
			       "This server has no scanner for programs; set scan_dir.");
	if (!spec->file_count)
		return err_field(err, ERR_MISSING_FIELD, "code",
				 "This server looks at programs before they run; send it as 'code'.");
	spec->session.fresh = false;
	if (spec->session.id.len) /* what earlier runs left would run before the scanner */
		return err_field(err, ERR_INVALID_FIELD, "session_id",
				 "This server looks at programs before they run; these cannot be part of a session.");
	int rc = check_env(spec, err);
	if (rc == 0)
		rc = check_files(spec, err);
	if (rc < 0)
		return rc;
	spec->scan.scanner = buf_slice(looks ? &api->scan->looking : &api->scan->passing);
	id_make(spec->scan.word, "scan");
	return 0;
}
