/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "image/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/util.h"
#include "image/machine.h"

/* --- loading --- */

static void add_part(struct plan *plan, const struct manifest *m,
		     const struct manifest_variant *brings)
{
	plan->parts[plan->part_count++] = (struct plan_part){m, brings};
}

static bool brought(const struct plan *plan, const struct manifest *m)
{
	return plan->part_count > 0 && plan->parts[plan->part_count - 1].manifest == m;
}

static int add_versions(struct plan *plan, const struct manifest *m, const char *image,
			struct err *err)
{
	for (unsigned i = 0; i < manifest_versions(m); i++) {
		const struct manifest_variant v = manifest_variant_at(m, i);
		if (!manifest_variant_in(&v, image) || (v.machine && !machine_find(v.machine)))
			continue;
		if (plan->version_count == PLAN_MAX)
			return err_set(err, ERR_IMAGE, "There are more than %d versions.",
				       PLAN_MAX);
		if (!brought(plan, m))
			add_part(plan, m, &m->common);
		if (m->versions_count)
			add_part(plan, m, &m->versions[i]);
		plan->versions[plan->version_count++] =
		    (struct plan_version){.manifest = m, .variant = v};
	}
	return 0;
}

/* --- the names that there are --- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Of the images that manifests are for; sorted, with repetitions. */
static unsigned image_names(const char *names[static PLAN_MAX], const struct manifest_list *list)
{
	unsigned count = 0;

	for (unsigned i = 0; i < list->count; i++)
		for (unsigned j = 0; j < manifest_versions(list->items[i]); j++) {
			const struct manifest_variant v = manifest_variant_at(list->items[i], j);
			if (v.images_count == 0 && count < PLAN_MAX)
				names[count++] = MANIFEST_IMAGE;
			for (unsigned k = 0; k < v.images_count && count < PLAN_MAX; k++)
				names[count++] = v.images[k];
		}
	qsort(names, count, sizeof(*names), by_text);
	return count;
}

static int no_such_image(const struct plan *plan, const char *image, struct err *err)
{
	const char *names[PLAN_MAX], *last = MANIFEST_HOST;
	unsigned count = image_names(names, &plan->manifests);
	_buf_finish_ struct buf known;

	buf_init(&known, KIB);
	for (unsigned i = 0; i < count; i++) {
		if (strcmp(names[i], MANIFEST_HOST) != 0 && strcmp(names[i], last) != 0)
			buf_printf(&known, "%s%s", known.len ? ", " : "", names[i]);
		last = names[i];
	}
	return err_field(err, ERR_IMAGE, image,
			 "No manifest in %s is for an image of the name '%s'; there are: %s.",
			 plan->runtime_dir, image, known.len ? buf_c_str(&known) : "none");
}

int plan_load(struct plan *ret_plan, const char *runtime_dir, const char *image, struct err *err)
{
	*ret_plan = (struct plan){.runtime_dir = runtime_dir};
	int rc = manifest_list_load(&ret_plan->manifests, runtime_dir, err);

	bool host = strcmp(image, MANIFEST_HOST) == 0;
	for (unsigned i = 0; rc == 0 && !host && i < ret_plan->manifests.count; i++)
		rc = add_versions(ret_plan, ret_plan->manifests.items[i], image, err);
	if (rc == 0 && ret_plan->version_count == 0)
		rc = no_such_image(ret_plan, image, err);
	if (rc < 0)
		plan_finish(ret_plan);
	return rc;
}

static void forget_packages(struct plan_version *version)
{
	for (unsigned i = 0; i < version->package_count; i++)
		free(version->packages[i]);
	free(version->packages);
}

void plan_finish(struct plan *plan)
{
	for (unsigned i = 0; i < plan->version_count; i++)
		forget_packages(&plan->versions[i]);
	manifest_list_finish(&plan->manifests);
	*plan = (struct plan){0};
}

/* --- what came of it --- */

static bool note(struct plan_version *version, const char *name, const char *text, int len)
{
	char **entry = &version->packages[version->package_count];

	if (asprintf(entry, "%s %.*s", name, len, text) < 0)
		return false;
	version->package_count++;
	return true;
}

/* A name that stands for others (a virtual package) is not in dpkg's list and is passed over. */
static bool note_debian(struct plan_version *version, const char *name, const char *installed)
{
	char line[128];

	snprintf(line, sizeof(line), "\n%s ", name);
	const char *at = strstr(installed, line);
	if (!at)
		return true;
	at += strlen(line);
	return note(version, name, at, (int)strcspn(at, "\n"));
}

static bool note_part(struct plan_version *version, const struct manifest_variant *brings,
		      const char *installed)
{
	bool fine = true;

	for (unsigned i = 0; fine && i < brings->packages_count; i++)
		fine = note_debian(version, brings->packages[i], installed);
	for (unsigned i = 0; fine && i < brings->npm_count; i++)
		fine = note(version, brings->npm[i].package, brings->npm[i].version,
			    (int)strlen(brings->npm[i].version));
	return fine;
}

static bool note_version(struct plan_version *version, const char *installed)
{
	const struct manifest_variant *own = &version->variant,
				      *common = &version->manifest->common;
	bool two = version->manifest->versions_count > 0;
	size_t most =
	    own->packages_count + own->npm_count + common->packages_count + common->npm_count + 1;

	version->packages = calloc(most, sizeof(*version->packages));
	return version->packages && (!two || note_part(version, common, installed)) &&
	       note_part(version, own, installed);
}

int plan_note_packages(struct plan *plan, const char *installed, struct err *err)
{
	for (unsigned i = 0; i < plan->version_count; i++)
		if (!installed || !note_version(&plan->versions[i], installed))
			return err_set(err, ERR_NO_MEMORY, "Out of memory.");
	return 0;
}

/* --- the digest --- */

#define TREE_VERSION "2" /* raised when this program makes another tree of the same manifests */

static void put_list(struct buf *out, const char *key, char *const *list, unsigned count)
{
	buf_printf(out, "%s:", key);
	for (unsigned i = 0; i < count; i++)
		buf_printf(out, " %zu:%s", strlen(list[i]), list[i]);
	buf_append_text(out, "\n");
}

static int put_file(struct buf *out, const struct plan *plan, const char *id, const char *name,
		    struct err *err)
{
	char digest[DIGEST_BYTES];
	_free_ char *path = NULL;

	if (asprintf(&path, "%s/%s/%s", plan->runtime_dir, id, name) < 0) {
		path = NULL;
		return err_set(err, ERR_NO_MEMORY, "Out of memory.");
	}
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || digest_fd(digest, fd) < 0)
		return err_field(err, ERR_IO, path, "Cannot read %s: %s.", path, strerror(errno));
	buf_printf(out, "file: %s %s\n", name, digest);
	return 0;
}

static int put_part(struct buf *out, const struct plan *plan, const struct plan_part *part,
		    struct err *err)
{
	const struct manifest_variant *brings = part->brings;
	int rc = 0;

	buf_printf(out, "id: %s\n", part->manifest->id);
	put_list(out, "packages", brings->packages, brings->packages_count);
	for (unsigned i = 0; i < brings->npm_count; i++)
		buf_printf(out, "npm: %s %s %s %s\n", brings->npm[i].place, brings->npm[i].package,
			   brings->npm[i].version, brings->npm[i].integrity);
	if (brings->machine)
		machine_put_digest(out, brings->machine);
	for (unsigned i = 0; rc == 0 && i < brings->files_count; i++)
		rc = put_file(out, plan, part->manifest->id, brings->files[i], err);
	put_list(out, "prepare", brings->prepare, brings->prepare_count);
	return rc;
}

/* Only the programs of the commands: with other arguments the image is still the same. */
static void put_version(struct buf *out, const struct plan_version *version)
{
	const struct manifest_variant *v = &version->variant;
	const char *after = v->probe && v->probe->after ? v->probe->after : "";

	buf_printf(out, "id: %s\nprovider: %s\n", version->manifest->id,
		   v->provider ? v->provider : "");
	if (v->probe)
		put_list(out, "probe", v->probe->argv, v->probe->argv_count);
	buf_printf(out, "version: %s\n", v->version ? v->version : after);
	put_list(out, "compile", v->compile, MIN_OF(v->compile_count, 1u));
	put_list(out, "run", v->run, MIN_OF(v->run_count, 1u));
}

int plan_digest(char out[static DIGEST_BYTES], const struct plan *plan, const char *settings,
		struct err *err)
{
	_buf_finish_ struct buf text;
	int rc = 0;

	buf_init(&text, MIB);
	buf_append_text(&text, "tree: " TREE_VERSION "\n");
	buf_append_text(&text, settings);
	for (unsigned i = 0; rc == 0 && i < plan->part_count; i++)
		rc = put_part(&text, plan, &plan->parts[i], err);
	for (unsigned i = 0; i < plan->version_count; i++)
		put_version(&text, &plan->versions[i]);
	if (rc == 0 && !text.data)
		rc = err_set(err, ERR_NO_MEMORY, "Out of memory.");
	if (rc == 0)
		digest_data(out, text.data, text.len);
	return rc;
}
