/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a built image says about itself: image_dir/<name>/image.yaml, beside the tree in root/ and
 * the list of its files in contents. The image room writes it, as the last step of a build.
 */
#ifndef SG_RUNTIME_IMAGE_INFO_H
#define SG_RUNTIME_IMAGE_INFO_H

#include "base/err.h"

#define IMAGE_INFO_FILE	    "image.yaml"
#define IMAGE_CONTENTS_FILE "contents"
#define IMAGE_TREE_DIR	    "root"

struct image_runtime {
	char *id, *version;
	char *provider;	 /* which of the manifest's versions; NULL if it has but one */
	char **packages; /* "python3-numpy 1:2.2.4+ds-1": what the manifest asks for, and got */
	unsigned packages_count;
};

struct image_info {
	char *suite;	     /* "trixie" */
	char *architecture;  /* "amd64" */
	char *built;	     /* "2026-11-20T10:09:08Z" */
	char *recipe;	     /* SHA-256 of everything the build was asked for */
	char *contents;	     /* SHA-256 of the contents file */
	char *files, *bytes; /* how many, how much, in decimal */
	struct image_runtime *runtimes;
	unsigned runtimes_count;
};

/* 0, -ERR_NOT_FOUND, -ERR_IMAGE, -ERR_NO_MEMORY. */
int image_info_load(struct image_info **ret_info, const char *image_dir, const char *name,
		    struct err *err);
void image_info_free(struct image_info *info);
/* Writes path anew. 0 or -ERR_IO. */
int image_info_save(const struct image_info *info, const char *path, struct err *err);

#endif
