/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as a manifest: what is accepted keeps the promises that the image build and the launcher
 * rely on, what is refused says why and names the file. The same bytes as a version selector must
 * never match a version that is not there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "runtime/manifest.h"
#include "runtime/runtime.h"

#define FILE_NAME "fuzz/runtime.yaml"

static void insist(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

static void check_command(char *const *argv, unsigned argc)
{
	if (argc > 0)
		insist(argv[0][0] == '/', "programs are absolute paths");
	for (unsigned i = 0; i < argc; i++) {
		bool list = strstr(argv[i], "{args}") || strstr(argv[i], "{sources}") ||
			    strstr(argv[i], "{flags}");
		insist(!list || argv[i][strlen(argv[i]) - 1] == '}', "lists stand alone");
		insist(argv[i][0] != '\0', "no element is empty");
	}
}

static void check_words(char *const *packages, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		insist(packages[i][0] != '-' && !strpbrk(packages[i], ", \n"), "packages are words");
}

static void check_variant(const struct manifest *m, const struct manifest_variant *v)
{
	insist(!v->version != !v->probe, "a version has one source");
	insist((v->compile_count > 0) == (m->artefact != NULL), "compile and artefact go together");
	for (unsigned i = 0; i < v->env_count; i++)
		insist(strchr(v->env[i], '=') > v->env[i], "env is NAME=value");
	for (unsigned i = 0; i < v->files_count; i++)
		insist(!strchr(v->files[i], '/') && v->files[i][0] != '.', "files are plain names");
	check_words(v->packages, v->packages_count);
	check_command(v->compile, v->compile_count);
	check_command(v->run, v->run_count);
	check_command(v->prepare, v->prepare_count);
}

static void check_manifest(const struct manifest *m)
{
	insist(strlen(m->id) <= 32 && !strchr(m->id, '/') && m->id[0] != '.',
	       "ids are directory names");
	insist(!strchr(m->file_name, '/') && m->file_name[0] != '.', "file names are plain");
	insist(!m->artefact || strcmp(m->artefact, m->file_name) != 0,
	       "the artefact is a file of its own");
	insist(m->engines != 0, "there is an engine");
	check_words(m->common.packages, m->common.packages_count);
	for (unsigned i = 0; i < manifest_versions(m); i++) {
		struct manifest_variant variant = manifest_variant_at(m, i);
		check_variant(m, &variant);
	}
}

static void check_selector(const char *data, size_t size)
{
	static struct runtime_version versions[] = {{.version = "3.13.5"},
						    {.version = "2.7.18rc1"}};
	static const struct runtime runtime = {.versions = versions,
					       .version_count = ARRAY_LEN(versions)};
	bool valid = true;
	const struct runtime_version *got = runtime_select(&runtime, data, size, &valid);

	insist(!got || valid, "a malformed selector matches nothing");
	insist(!got || got == &versions[0] || got == &versions[1],
	       "a match is one of the versions");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct manifest *manifest = NULL;
	struct err err = {0};
	int rc =
	    manifest_parse(&manifest, (struct slice){(const char *)data, size}, FILE_NAME, &err);

	if (rc == 0) {
		check_manifest(manifest);
		manifest_free(manifest);
	} else {
		insist(manifest == NULL, "nothing is returned on failure");
		insist(err.code == -rc && strstr(err.text, FILE_NAME), "an error names the file");
	}
	check_selector((const char *)data, size);
	return 0;
}
