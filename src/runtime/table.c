/* SPDX-License-Identifier: Apache-2.0 */
/* The table of runtimes: manifests, and the versions that images have of them, copied into one
 * arena. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fd.h"
#include "runtime/image_info.h"
#include "runtime/manifest.h"
#include "runtime/probe.h"
#include "runtime/runtime.h"
#include "schema/schema.h"

#define TABLE_BYTES_MAX (64 * MIB)
#define PREPARE_BYTES_MAX (64 * KIB)

struct loader {
	struct runtime_table table;
	struct manifest_list manifests; /* table.runtimes[i] is made from items[i] */
	const char *manifest_dir;
	struct err *err;
};

static int no_memory(struct loader *l)
{
	return err_set(l->err, ERR_NO_MEMORY, "Out of memory for the table of runtimes.");
}

/* --- manifests --- */

static char *copy_text(struct arena *arena, const char *text)
{
	return text ? arena_copy(arena, text, strlen(text)) : NULL;
}

/* NULL-terminated, for exec; NULL out of memory. */
static char **copy_list(struct arena *arena, char *const *list, unsigned count)
{
	char **copy = arena_array(arena, char *, count + 1u);

	for (unsigned i = 0; copy && i < count; i++) {
		copy[i] = copy_text(arena, list[i]);
		if (!copy[i])
			return NULL;
	}
	return copy;
}

static bool runtime_fill(struct runtime *r, const struct manifest *m, struct arena *arena,
			 unsigned images_most)
{
	unsigned versions_most = images_most * manifest_versions(m);

	*r = (struct runtime){
	    .id = copy_text(arena, m->id),
	    .name = copy_text(arena, m->name),
	    .aliases = copy_list(arena, m->aliases, m->aliases_count),
	    .alias_count = m->aliases_count,
	    .file_name = copy_text(arena, m->file_name),
	    .source_suffixes = copy_list(arena, m->source_suffixes, m->source_suffixes_count),
	    .source_suffix_count = m->source_suffixes_count,
	    .artefact = copy_text(arena, m->artefact),
	    .hello_code = copy_text(arena, m->hello.code),
	    .hello_output = copy_text(arena, m->hello.output),
	    .engines = m->engines,
	    .import_words = copy_list(arena, m->import_words, m->import_words_count),
	    .import_word_count = m->import_words_count,
	    .profiles = arena_array(arena, struct runtime_profile, m->warm_count + 1u),
	    .versions = arena_array(arena, struct runtime_version, versions_most),
	};
	/* manifest_check has seen that they are numbers */
	schema_number(m->least.processes, 0, UINT64_MAX, &r->processes_least);
	schema_number(m->least.memory_bytes, 0, UINT64_MAX, &r->memory_bytes_least);
	return r->id && r->name && r->aliases && r->file_name && r->source_suffixes &&
	       r->hello_code && r->hello_output && r->profiles && r->import_words && r->versions && (r->artefact || !m->artefact);
}

/* --- what is done while parked --- */

/* The operator's own file, like the manifest that names it: links are followed (two languages may share one). */
static int append_file(struct loader *l, struct buf *text, const char *id, const char *name)
{
	_free_ char *path = NULL;

	if (asprintf(&path, "%s/%s/%s", l->manifest_dir, id, name) < 0) {
		path = NULL;
		return no_memory(l);
	}
	char *place = buf_reserve(text, PREPARE_BYTES_MAX);
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = place && fd >= 0 ? fd_read_all(fd, place, PREPARE_BYTES_MAX) : -1;
	if (len < 0 || len == PREPARE_BYTES_MAX)
		return err_field(l->err, ERR_MANIFEST, path, "%s: %s.", path,
				 len < 0 ? strerror(errno) : "too long");
	text->len += (size_t)len;
	return 0;
}

static int read_session(struct loader *l, struct runtime *runtime, const struct manifest *m)
{
	_buf_finish_ struct buf text;

	if (!m->session)
		return 0;
	buf_init(&text, 2 * PREPARE_BYTES_MAX);
	int rc = append_file(l, &text, m->id, m->session);
	if (rc == 0 && !(runtime->session = arena_copy(l->table.arena, text.data, text.len)))
		rc = no_memory(l);
	return rc;
}

static int read_prepare(struct loader *l, char **ret_text, const char *id, const struct manifest_warm *warm)
{
	_buf_finish_ struct buf text;
	int rc = 0;

	buf_init(&text, (warm->prepare_count + 1) * PREPARE_BYTES_MAX);
	for (unsigned i = 0; rc == 0 && i < warm->prepare_count; i++)
		rc = append_file(l, &text, id, warm->prepare[i]);
	if (rc == 0 && !(*ret_text = arena_copy(l->table.arena, text.data, text.len)))
		rc = no_memory(l);
	return rc;
}

static int profile_fill(struct loader *l, struct runtime_profile *profile, const char *id,
			const struct manifest_warm *warm)
{
	uint64_t slots_most = 0;

	if (warm->slots_most)
		schema_number(warm->slots_most, 0, UINT32_MAX, &slots_most);
	*profile = (struct runtime_profile){
	    .setting = warm->setting,
	    .stage = warm->stage,
	    .zygote = warm->zygote,
	    .imports = copy_list(l->table.arena, warm->imports, warm->imports_count),
	    .import_count = warm->imports_count,
	    .slots_most = (unsigned)slots_most,
	};
	if (!profile->imports)
		return no_memory(l);
	return warm->prepare_count ? read_prepare(l, &profile->prepare, id, warm) : 0;
}

static int fill_profiles(struct loader *l, unsigned index)
{
	const struct manifest *m = l->manifests.items[index];
	struct runtime *runtime = &l->table.runtimes[index];
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < m->warm_count; i++)
		rc = profile_fill(l, &runtime->profiles[runtime->profile_count++], m->id, &m->warm[i]);
	return rc < 0 ? rc : read_session(l, runtime, m);
}

static int fill_runtimes(struct loader *l, unsigned images_most)
{
	struct runtime_table *table = &l->table;

	table->runtimes = arena_array(table->arena, struct runtime, l->manifests.count);
	for (unsigned i = 0; table->runtimes && i < l->manifests.count; i++) {
		if (!runtime_fill(&table->runtimes[i], l->manifests.items[i], table->arena,
				  images_most))
			return no_memory(l);
		int rc = fill_profiles(l, table->count++);
		if (rc < 0)
			return rc;
	}
	return table->runtimes ? 0 : no_memory(l);
}

/* --- versions --- */

static bool version_fill(struct runtime_version *v, const struct manifest_variant *from,
			 struct arena *arena)
{
	v->provider = copy_text(arena, from->provider);
	v->compile = (struct command){copy_list(arena, from->compile, from->compile_count),
				      from->compile_count};
	v->run = (struct command){copy_list(arena, from->run, from->run_count), from->run_count};
	v->repl = (struct command){copy_list(arena, from->repl, from->repl_count), from->repl_count};
	v->env = copy_list(arena, from->env, from->env_count);
	v->env_count = from->env_count;
	v->flags = copy_list(arena, from->flags, from->flags_count);
	v->flag_count = from->flags_count;
	return v->compile.argv && v->run.argv && v->repl.argv && v->env && v->flags &&
	       (v->provider || !from->provider);
}

static int add_version(struct loader *l, unsigned index, const struct manifest_variant *variant,
		       const struct image_runtime *built)
{
	struct arena *arena = l->table.arena;
	struct runtime *runtime = &l->table.runtimes[index];
	struct runtime_version v = {
	    .version = copy_text(arena, built->version),
	    .image_index = l->table.image_count - 1,
	    .image = l->table.images[l->table.image_count - 1].name,
	    .packages = copy_list(arena, built->packages, built->packages_count),
	    .package_count = built->packages_count,
	};

	if (!v.version || !v.packages || !version_fill(&v, variant, arena))
		return no_memory(l);
	/* the highest first; of equal ones the image that comes first by name */
	unsigned at = runtime->version_count++;
	for (; at > 0 && version_compare(runtime->versions[at - 1].version, v.version) < 0; at--)
		runtime->versions[at] = runtime->versions[at - 1];
	runtime->versions[at] = v;
	return 0;
}

static int add_image(struct loader *l, const char *name, const char *path, bool host)
{
	struct runtime_image image = {copy_text(l->table.arena, name),
				      copy_text(l->table.arena, path), host};

	if (!image.name || !image.path)
		return no_memory(l);
	l->table.images[l->table.image_count++] = image;
	return 0;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static int add_built_version(struct loader *l, const struct image_runtime *built)
{
	for (unsigned i = 0; i < l->table.count; i++) {
		const struct manifest *m = l->manifests.items[i];
		for (unsigned j = 0; j < manifest_versions(m); j++) {
			const struct manifest_variant v = manifest_variant_at(m, j);
			if (strcmp(m->id, built->id) == 0 && same_text(v.provider, built->provider))
				return add_version(l, i, &v, built);
		}
	}
	return 0; /* its manifest was changed since: nothing can run it */
}

/* What is listed twice would outgrow runtime.versions, which has a place for each. */
static int check_listed_once(const struct image_info *info, const char *name, struct err *err)
{
	const struct image_runtime *r = info->runtimes;

	for (unsigned i = 0; i < info->runtimes_count; i++)
		for (unsigned j = 0; j < i; j++)
			if (strcmp(r[i].id, r[j].id) == 0 &&
			    same_text(r[i].provider, r[j].provider))
				return err_field(err, ERR_IMAGE, name,
						 "The image %s lists %s twice; build it anew.",
						 name, r[i].id);
	return 0;
}

static int add_built_image(struct loader *l, const char *image_dir, const char *name)
{
	struct image_info *info;
	int rc = image_info_load(&info, image_dir, name, l->err);

	if (rc == -ERR_NOT_FOUND)
		return 0;
	if (rc < 0)
		return rc;
	const char *path = arena_printf(l->table.arena, "%s/%s/" IMAGE_TREE_DIR, image_dir, name);
	rc = path ? check_listed_once(info, name, l->err) : no_memory(l);
	if (rc == 0)
		rc = add_image(l, name, path, false);
	for (unsigned i = 0; rc == 0 && i < info->runtimes_count; i++)
		rc = add_built_version(l, &info->runtimes[i]);
	image_info_free(info);
	return rc;
}

/* What is not installed, or does not answer, is not offered; that is no reason not to serve the
 * rest. */
static int add_host_version(struct loader *l, unsigned index, unsigned variant)
{
	const struct manifest *m = l->manifests.items[index];
	const struct manifest_variant v = manifest_variant_at(m, variant);
	char version[PROBE_VERSION_BYTES];
	const struct image_runtime found = {.id = m->id, .version = version};

	return probe_version(version, m, &v, "/", NULL) < 0 ? 0 : add_version(l, index, &v, &found);
}

static int add_host_image(struct loader *l)
{
	int rc = add_image(l, MANIFEST_HOST, "/", true);

	for (unsigned i = 0; rc == 0 && i < l->table.count; i++)
		for (unsigned j = 0; rc == 0 && j < manifest_versions(l->manifests.items[i]); j++)
			rc = add_host_version(l, i, j);
	return rc;
}

/* --- all of it --- */

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int fill_table(struct loader *l, const char *image_dir, struct dirent **entries,
		      unsigned count, bool with_host)
{
	unsigned images_most = count + 1; /* and the host */

	l->table.arena = arena_create(TABLE_BYTES_MAX);
	l->table.images = arena_array(l->table.arena, struct runtime_image, images_most);
	if (!l->table.images)
		return no_memory(l);
	int rc = fill_runtimes(l, images_most);
	for (unsigned i = 0; rc == 0 && i < count; i++)
		rc = add_built_image(l, image_dir, entries[i]->d_name);
	if (rc == 0 && with_host && l->table.image_count == 0)
		rc = add_host_image(l);
	return rc;
}

static int load_images(struct loader *l, const char *image_dir, bool with_host)
{
	struct dirent **entries = NULL;
	int count = scandir(image_dir, &entries, visible, alphasort);

	if (count < 0 && errno != ENOENT)
		return err_field(l->err, ERR_IO, image_dir, "Cannot read the images in %s: %s.",
				 image_dir, strerror(errno));
	count = MAX_OF(count, 0);
	int rc = fill_table(l, image_dir, entries, (unsigned)count, with_host);
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	return rc;
}

int runtime_table_load(struct runtime_table *ret_table, const char *manifest_dir,
		       const char *image_dir, bool with_host, struct err *err)
{
	struct loader l = {.manifest_dir = manifest_dir, .err = err};
	int rc = manifest_list_load(&l.manifests, manifest_dir, err);

	if (rc < 0)
		return rc;
	rc = load_images(&l, image_dir, with_host);
	manifest_list_finish(&l.manifests);
	if (rc < 0)
		runtime_table_finish(&l.table);
	else
		*ret_table = l.table;
	return rc;
}

void runtime_table_finish(struct runtime_table *table)
{
	arena_destroy(table->arena);
	*table = (struct runtime_table){0};
}
