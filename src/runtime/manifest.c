/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "runtime/manifest.h"

#include <stdio.h>
#include <string.h>

#include "runtime/manifest_check.h"
#include "runtime/runtime.h"
#include "schema/schema.h"

static const cyaml_schema_value_t name_entry = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 64)};
static const cyaml_schema_value_t argv_entry = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 1024)};

static const cyaml_strval_t engine_names[] = {{"native", RUNTIME_NATIVE}, {"wasm", RUNTIME_WASM}};

static const cyaml_strval_t warm_names[] = {{"lean", RUNTIME_WARM_LEAN}, {"full", RUNTIME_WARM_FULL}};

static const cyaml_strval_t stage_names[] = {{"run", RUNTIME_STAGE_RUN}, {"compile", RUNTIME_STAGE_COMPILE}};

static const cyaml_strval_t zygote_names[] = {{"fork", RUNTIME_ZYGOTE_FORK}, {"zfork", RUNTIME_ZYGOTE_ZFORK}};

#define LIST(key, type, member, entry, least, most)                                                \
	CYAML_FIELD_SEQUENCE(key, CYAML_FLAG_POINTER, type, member, entry, least, most)
#define LIST_OPTIONAL(key, type, member, entry, most)                                              \
	CYAML_FIELD_SEQUENCE(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, entry,   \
			     0, most)

static const cyaml_schema_field_t probe_fields[] = {
    LIST("argv", struct manifest_probe, argv, &argv_entry, 1, 16),
    SCHEMA_TEXT_OPTIONAL("after", struct manifest_probe, after, 1, 64),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t hello_fields[] = {
    SCHEMA_TEXT("code", struct manifest_hello, code, 1, 8192),
    SCHEMA_TEXT("output", struct manifest_hello, output, 1, 256),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t least_fields[] = {
    SCHEMA_TEXT("processes", struct manifest_least, processes, 1, 8),
    SCHEMA_TEXT("memory_bytes", struct manifest_least, memory_bytes, 1, 16),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t npm_fields[] = {
    SCHEMA_TEXT("place", struct manifest_npm, place, 1, 32),
    SCHEMA_TEXT("package", struct manifest_npm, package, 1, 128),
    SCHEMA_TEXT("version", struct manifest_npm, version, 1, 64),
    SCHEMA_TEXT("integrity", struct manifest_npm, integrity, 95, 95),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t npm_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct manifest_npm, npm_fields),
};

static const cyaml_schema_field_t machine_fields[] = {
    SCHEMA_TEXT("place", struct manifest_machine, place, 1, 32),
    SCHEMA_TEXT("holds", struct manifest_machine, holds, 1, 64),
    LIST("from", struct manifest_machine, from, &argv_entry, 1, 16),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t warm_fields[] = {
    CYAML_FIELD_ENUM("setting", CYAML_FLAG_STRICT, struct manifest_warm, setting, warm_names, ARRAY_LEN(warm_names)),
    CYAML_FIELD_ENUM("stage", CYAML_FLAG_STRICT | CYAML_FLAG_OPTIONAL, struct manifest_warm, stage, stage_names,
		     ARRAY_LEN(stage_names)),
    CYAML_FIELD_ENUM("zygote", CYAML_FLAG_STRICT | CYAML_FLAG_OPTIONAL, struct manifest_warm, zygote, zygote_names,
                     ARRAY_LEN(zygote_names)),
    LIST_OPTIONAL("prepare", struct manifest_warm, prepare, &name_entry, 8),
    LIST_OPTIONAL("imports", struct manifest_warm, imports, &name_entry, 256),
    SCHEMA_TEXT_OPTIONAL("slots_most", struct manifest_warm, slots_most, 1, 8),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t warm_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct manifest_warm, warm_fields),
};

/* The same keys at the top level (at: `common.`) and in an entry of `versions` (at: nothing). */
#define VARIANT_FIELDS(type, at)                                                                   \
	LIST_OPTIONAL("images", type, at images, &name_entry, 8),                                  \
	    LIST_OPTIONAL("packages", type, at packages, &name_entry, 64),                         \
	    LIST_OPTIONAL("npm", type, at npm, &npm_entry, 16),                                    \
	    LIST_OPTIONAL("files", type, at files, &name_entry, 16),                               \
	    LIST_OPTIONAL("prepare", type, at prepare, &argv_entry, 16),                           \
	    SCHEMA_TEXT_OPTIONAL("version", type, at version, 1, 64),                              \
	    CYAML_FIELD_MAPPING_PTR("probe", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type,       \
				    at probe, probe_fields),                                       \
	    LIST_OPTIONAL("compile", type, at compile, &argv_entry, 64),                           \
	    LIST_OPTIONAL("run", type, at run, &argv_entry, 64),                                   \
	    LIST_OPTIONAL("repl", type, at repl, &argv_entry, 64),                                 \
	    LIST_OPTIONAL("env", type, at env, &argv_entry, 32),                                   \
	    LIST_OPTIONAL("flags", type, at flags, &argv_entry, 64)

static const cyaml_schema_field_t variant_fields[] = {
    SCHEMA_TEXT("provider", struct manifest_variant, provider, 1, 64),
    CYAML_FIELD_MAPPING_PTR("machine", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
			    struct manifest_variant, machine, machine_fields),
    VARIANT_FIELDS(struct manifest_variant, ),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t variant_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct manifest_variant, variant_fields),
};

static const cyaml_schema_field_t manifest_fields[] = {
    SCHEMA_TEXT("id", struct manifest, id, 1, 32),
    SCHEMA_TEXT("name", struct manifest, name, 1, 64),
    LIST_OPTIONAL("aliases", struct manifest, aliases, &name_entry, 16),
    SCHEMA_TEXT("file_name", struct manifest, file_name, 1, 64),
    LIST_OPTIONAL("source_suffixes", struct manifest, source_suffixes, &name_entry, 16),
    VARIANT_FIELDS(struct manifest, common.),
    LIST_OPTIONAL("versions", struct manifest, versions, &variant_entry, 16),
    SCHEMA_TEXT_OPTIONAL("artefact", struct manifest, artefact, 1, 64),
    SCHEMA_TEXT_OPTIONAL("session", struct manifest, session, 1, 64),
    CYAML_FIELD_MAPPING("hello", CYAML_FLAG_DEFAULT, struct manifest, hello, hello_fields),
    CYAML_FIELD_MAPPING("least", CYAML_FLAG_DEFAULT, struct manifest, least, least_fields),
    CYAML_FIELD_FLAGS("engines", CYAML_FLAG_STRICT, struct manifest, engines, engine_names,
		      ARRAY_LEN(engine_names)),
    LIST_OPTIONAL("warm", struct manifest, warm, &warm_entry, 8),
    LIST_OPTIONAL("import_words", struct manifest, import_words, &name_entry, 8),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t manifest_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct manifest, manifest_fields),
};

/* Owns manifest from here on. */
static int checked(struct manifest **ret_manifest, struct manifest *manifest, const char *file,
		   struct err *err)
{
	int rc = manifest ? manifest_check(manifest, file, err)
			  : err_field(err, ERR_MANIFEST, file, "%s is empty.", file);

	if (rc < 0)
		manifest_free(manifest);
	else
		*ret_manifest = manifest;
	return rc;
}

int manifest_parse(struct manifest **ret_manifest, struct slice text, const char *file,
		   struct err *err)
{
	void *data = NULL;
	int rc = schema_load(&data, &manifest_schema, text, file, ERR_MANIFEST, err);

	return rc < 0 ? rc : checked(ret_manifest, data, file, err);
}

int manifest_load(struct manifest **ret_manifest, const char *dir, const char *id, struct err *err)
{
	_free_ char *path = NULL;
	void *data = NULL;
	struct manifest *manifest = NULL;

	if (asprintf(&path, "%s/%s/" MANIFEST_FILE, dir, id) < 0) {
		path = NULL;
		return err_set(err, ERR_NO_MEMORY, "Out of memory.");
	}
	int rc = schema_load_file(&data, &manifest_schema, path, ERR_MANIFEST, err);
	if (rc == 0)
		rc = checked(&manifest, data, path, err);
	if (rc < 0)
		return rc;
	if (strcmp(manifest->id, id) != 0) {
		manifest_free(manifest);
		return err_field(err, ERR_MANIFEST, path,
				 "%s: id: must be '%s', the name of its directory.", path, id);
	}
	*ret_manifest = manifest;
	return 0;
}

void manifest_free(struct manifest *manifest)
{
	schema_free(&manifest_schema, manifest);
}

/* --- versions --- */

unsigned manifest_versions(const struct manifest *manifest)
{
	return manifest->versions_count ? manifest->versions_count : 1;
}

#define INHERIT(member)                                                                            \
	do {                                                                                       \
		if (!v.member) {                                                                   \
			v.member = common->member;                                                 \
			v.member##_count = common->member##_count;                                 \
		}                                                                                  \
	} while (0)

struct manifest_variant manifest_variant_at(const struct manifest *manifest, unsigned i)
{
	const struct manifest_variant *common = &manifest->common;

	if (manifest->versions_count == 0)
		return *common;
	struct manifest_variant v = manifest->versions[i];
	if (!v.version && !v.probe) {
		v.version = common->version;
		v.probe = common->probe;
	}
	INHERIT(images);
	INHERIT(compile);
	INHERIT(run);
	INHERIT(repl);
	INHERIT(env);
	INHERIT(flags);
	return v;
}

bool manifest_variant_in(const struct manifest_variant *variant, const char *image)
{
	for (unsigned i = 0; i < variant->images_count; i++)
		if (strcmp(variant->images[i], image) == 0)
			return true;
	return variant->images_count == 0 && strcmp(image, MANIFEST_IMAGE) == 0;
}
