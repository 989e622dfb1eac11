/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a request: their names, and which of them is the program. Shared by all dialects. */
#ifndef SG_API_FILES_H
#define SG_API_FILES_H

#include "engine/job.h"

#define FILE_COMPONENT_BYTES 255 /* NAME_MAX of the file systems that names go to */

/*
 * Names are relative to the working directory: not empty, no leading '/', no empty, "." or ".."
 * component, no NUL, not too long. 0 or -ERR_INVALID_FIELD naming path.
 */
int file_name_check(struct slice name, const char *path, struct err *err);

/* How files were sent; it decides how errors name one. */
enum file_form {
	FILES_ARRAY, /* "files[2].name" */
	FILES_MAP,   /* "files.<name>" */
	FILES_CODE,  /* "entrypoint": a single one, sent as code */
};

/* The files of one request while they are read. */
struct file_set {
	struct job_file *files;
	size_t count;
	enum file_form form;
};

/*
 * Checks names against each other and against the runtime's artefact: none twice, and none that
 * would have to be a file and a directory at once. 0, -ERR_INVALID_FIELD or -ERR_NO_MEMORY.
 */
int files_check(const struct file_set *set, const char *artefact, struct arena *arena,
		struct err *err);

/* Index of a name; set->count if there is none. */
size_t files_find(const struct file_set *set, struct slice name);

/*
 * Which one is the program when the request does not say: the only one; else the one with the
 * runtime's usual name; else the first one with one of its suffixes; else set->count.
 */
size_t files_guess_entry(const struct file_set *set, const struct runtime *runtime);

/* Whether a name ends in one of the runtime's source suffixes. */
bool files_has_suffix(struct slice name, const struct runtime *runtime);
/* Compilers go by suffix: the program must have one of the runtime's. 0 or -ERR_INVALID_FIELD. */
int files_check_entry(const struct file_set *set, size_t entry, const struct runtime *runtime,
		      struct err *err);

#endif
