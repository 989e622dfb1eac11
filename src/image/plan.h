/* SPDX-License-Identifier: Apache-2.0 */
/* What one image is to hold, by the manifests: each version of a language that names it. */
#ifndef SG_IMAGE_PLAN_H
#define SG_IMAGE_PLAN_H

#include "base/err.h"
#include "image/digest.h"
#include "runtime/manifest.h"
#include "runtime/probe.h"

#define PLAN_MAX 256

/* A version, as it is used. */
struct plan_version {
	const struct manifest *manifest;
	struct manifest_variant variant;
	char version[PROBE_VERSION_BYTES]; /* once it is installed; likewise: */
	char **packages;		   /* "python3-numpy 1:2.2.4+ds-1" */
	unsigned package_count;
};

/* What has to be brought: for a language that the image has, its common part and those of its
 * versions. */
struct plan_part {
	const struct manifest *manifest;
	const struct manifest_variant *brings;
};

struct plan {
	const char *runtime_dir;
	struct manifest_list manifests;
	struct plan_version versions[PLAN_MAX];
	unsigned version_count;
	struct plan_part parts[2 * PLAN_MAX];
	unsigned part_count;
};

/* All manifests of runtime_dir, which is borrowed, and of them what the image holds. 0,
 * -ERR_MANIFEST, -ERR_IMAGE (nothing is for this image, or too much), -ERR_IO, -ERR_NO_MEMORY. */
int plan_load(struct plan *ret_plan, const char *runtime_dir, const char *image, struct err *err);
void plan_finish(struct plan *plan);

/* Fills in packages: those that the manifest names, as they stand in installed, lines of "name
 * version" with a newline before each; and those of npm. 0 or -ERR_NO_MEMORY. */
int plan_note_packages(struct plan *plan, const char *installed, struct err *err);

/* The digest of all that decides what a build makes; settings: lines of the builder's own. 0,
 * -ERR_IO, -ERR_NO_MEMORY. */
int plan_digest(char out[static DIGEST_BYTES], const struct plan *plan, const char *settings,
		struct err *err);

#endif
