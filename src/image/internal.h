/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs of this room share. */
#ifndef SG_IMAGE_INTERNAL_H
#define SG_IMAGE_INTERNAL_H

#include "base/err.h"

/* image_dir/name/file, or image_dir/name if file is NULL; the caller frees. NULL out of memory. */
char *image_path(const char *image_dir, const char *name, const char *file);
/* Names become directories of image_dir: letters, digits and -_. inside. 0 or -ERR_CONFIG. */
int image_name_check(const char *name, struct err *err);

/* The one lock of everybody who changes image_dir; made if need be. Descriptor, -ERR_CONFLICT,
 * -ERR_IO. */
int image_lock(const char *image_dir, struct err *err);
/*
 * Takes the image of that name out of use: renames it to .old.*, and removes all of those that no
 * server holds open. Fine if there is no such image. 0 or -ERR_IO.
 */
int image_retire(const char *image_dir, const char *name, struct err *err);

#endif
