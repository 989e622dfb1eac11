/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images: root trees that runs see, read-only. Built from Debian with mmdebstrap, from the packages
 * that the manifests name.
 *
 *   <image_dir>/<name>/root/       the tree
 *                     /contents    every file of it: type, mode, owner, size, SHA-256 or link
 * target /packages    every package it was made of: SHA-256 and file name /image.yaml  what it is:
 * suite, when, versions, the SHA-256 of contents <image_dir>/.cache/            downloaded
 * packages, named by their SHA-256 <image_dir>/.build/            the build under way; one at a
 * time, kept apart by a lock <image_dir>/.old.*             trees that were replaced while a server
 * used them
 *
 * A build moves into place with one rename. A server that is running keeps the tree it has opened.
 */
#ifndef SG_IMAGE_IMAGE_H
#define SG_IMAGE_IMAGE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "runtime/image_info.h"

#define IMAGE_DEFAULT_NAME  "default"
#define IMAGE_DEFAULT_SUITE "trixie"

struct image_options {
	const char *image_dir;	 /* config.image_dir */
	const char *runtime_dir; /* config.runtime_dir */
	const char *name;	 /* NULL: IMAGE_DEFAULT_NAME */
	const char *suite;	 /* NULL: IMAGE_DEFAULT_SUITE */
	const char *mirror;	 /* URI of a Debian archive; NULL: see image_build */
	bool force;		 /* also when the image is up to date */
	FILE *out; /* where progress goes: a bar on a terminal, else a line per step */
};

/*
 * Builds the image, or says that it is up to date. Needs root. The archive is mirror, or what
 * SANDGLASS_DEBIAN_MIRROR says, or the one this machine's apt is configured with if it is Debian's,
 * or mmdebstrap's own default. What an interrupted build has downloaded is used again. 0,
 * -ERR_CONFLICT (another build is running), -ERR_IMAGE (a step failed; the text has its last
 * words), -ERR_MANIFEST, -ERR_CONFIG, -ERR_IO, -ERR_NO_MEMORY.
 */
int image_build(const struct image_options *options, struct err *err);

/* The SHA-256 (64 hex digits) of all that decides what a build makes: the key for a cache of
 * images. */
int image_recipe(char out[static 65], const struct image_options *options, struct err *err);

struct image_list {
	struct image_list_entry {
		char *name;
		struct image_info *info;
	} * entries; /* sorted by name */
	unsigned count;
};

/* The built images. 0, -ERR_IMAGE (one of them is damaged), -ERR_IO, -ERR_NO_MEMORY. */
int image_list_load(struct image_list *ret_list, const char *image_dir, struct err *err);
void image_list_finish(struct image_list *list);

/*
 * Compares every file with the list of contents; each difference is a line on out (may be NULL).
 * 0, -ERR_NOT_FOUND, -ERR_IMAGE (it differs; the text says in how many places), -ERR_IO.
 */
int image_verify(const char *image_dir, const char *name, FILE *out, struct err *err);

/* 0, -ERR_NOT_FOUND, -ERR_CONFLICT (a build is running, or a server uses the image), -ERR_IO. */
int image_remove(const char *image_dir, const char *name, struct err *err);

#endif
