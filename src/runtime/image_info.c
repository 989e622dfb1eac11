/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "runtime/image_info.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "schema/schema.h"

static const cyaml_schema_value_t package_entry = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 256)};

static const cyaml_schema_field_t runtime_fields[] = {
    SCHEMA_TEXT("id", struct image_runtime, id, 1, 32),
    SCHEMA_TEXT("version", struct image_runtime, version, 1, 64),
    SCHEMA_TEXT_OPTIONAL("provider", struct image_runtime, provider, 1, 64),
    CYAML_FIELD_SEQUENCE("packages", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct image_runtime,
			 packages, &package_entry, 0, 128),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t runtime_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct image_runtime, runtime_fields),
};

static const cyaml_schema_field_t info_fields[] = {
    SCHEMA_TEXT("suite", struct image_info, suite, 1, 64),
    SCHEMA_TEXT("architecture", struct image_info, architecture, 1, 32),
    SCHEMA_TEXT("built", struct image_info, built, 1, 32),
    SCHEMA_TEXT("recipe", struct image_info, recipe, 64, 64),
    SCHEMA_TEXT("contents", struct image_info, contents, 64, 64),
    SCHEMA_TEXT("files", struct image_info, files, 1, 20),
    SCHEMA_TEXT("bytes", struct image_info, bytes, 1, 20),
    CYAML_FIELD_SEQUENCE("runtimes", CYAML_FLAG_POINTER, struct image_info, runtimes,
			 &runtime_entry, 0, 256),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t info_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct image_info, info_fields),
};

int image_info_load(struct image_info **ret_info, const char *image_dir, const char *name,
		    struct err *err)
{
	_free_ char *path = NULL;
	void *data = NULL;

	if (asprintf(&path, "%s/%s/" IMAGE_INFO_FILE, image_dir, name) < 0) {
		path = NULL;
		return err_set(err, ERR_NO_MEMORY, "Out of memory.");
	}
	int rc = schema_load_file(&data, &info_schema, path, ERR_IMAGE, err);
	if (rc == 0 && !data)
		rc = err_field(err, ERR_IMAGE, path, "%s is empty; build the image anew.", path);
	if (rc == 0)
		*ret_info = data;
	return rc;
}

void image_info_free(struct image_info *info)
{
	schema_free(&info_schema, info);
}

int image_info_save(const struct image_info *info, const char *path, struct err *err)
{
	cyaml_config_t config = {.mem_fn = cyaml_mem, .flags = CYAML_CFG_STYLE_BLOCK};
	cyaml_err_t rc = cyaml_save_file(path, &config, &info_schema, info, 0);

	if (rc == CYAML_OK)
		return 0;
	return err_field(err, ERR_IO, path, "Cannot write %s: %s.", path,
			 rc == CYAML_ERR_FILE_OPEN ? strerror(errno) : cyaml_strerror(rc));
}
