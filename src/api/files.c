/* SPDX-License-Identifier: Apache-2.0 */
#include "api/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/payload.h"
#include "json/json.h"

static const char *component_fault(struct slice component)
{
	if (component.len == 0)
		return "has an empty component";
	if (component.len > FILE_COMPONENT_BYTES)
		return "has a component of more than 255 bytes";
	if (slice_equal(component, SLICE_LITERAL(".")))
		return "has a '.' component";
	if (slice_equal(component, SLICE_LITERAL("..")))
		return "has a '..' component";
	return NULL;
}

/* What is wrong with a name, or NULL. */
static const char *name_fault(struct slice name)
{
	const char *fault = NULL;

	if (name.len == 0)
		return "is empty";
	if (name.len > PAYLOAD_NAME_BYTES)
		return "is longer than 1024 bytes";
	if (slice_has_nul(name))
		return "has a NUL character";
	if (name.data[0] == '/')
		return "is absolute; names are relative to the working directory";
	for (size_t at = 0, end; !fault && at <= name.len; at = end + 1) {
		const char *slash = memchr(name.data + at, '/', name.len - at);

		end = slash ? (size_t)(slash - name.data) : name.len;
		fault = component_fault((struct slice){name.data + at, end - at});
	}
	return fault;
}

int file_name_check(struct slice name, const char *path, struct err *err)
{
	const char *fault = name_fault(name);

	return fault
		   ? err_field(err, ERR_INVALID_FIELD, path, "The file name '%s' %s.", path, fault)
		   : 0;
}

/* True if child lies below the directory called name. */
static bool is_below(struct slice child, struct slice name)
{
	return child.len > name.len && child.data[name.len] == '/' &&
	       memcmp(child.data, name.data, name.len) == 0;
}

/* '/' before all other bytes: whatever is below a name then follows right behind it. */
static int compare_names(const void *left, const void *right)
{
	const struct slice a = (*(const struct job_file *const *)left)->name;
	const struct slice b = (*(const struct job_file *const *)right)->name;

	for (size_t i = 0; i < a.len && i < b.len; i++)
		if (a.data[i] != b.data[i])
			return a.data[i] == '/' ? -1
			       : b.data[i] == '/'
				   ? 1
				   : (unsigned char)a.data[i] - (unsigned char)b.data[i];
	return (a.len > b.len) - (a.len < b.len);
}

static int bad_file(const struct file_set *set, const struct job_file *file, const char *fault,
		    struct err *err)
{
	char path[JSON_PATH_BYTES];

	if (set->form == FILES_ARRAY) {
		json_path_index(path, "files", (size_t)(file - set->files));
		json_path_key(path, path, SLICE_LITERAL("name"));
	} else if (set->form == FILES_MAP) {
		json_path_key(path, "files", file->name);
	} else {
		json_path_key(path, "", SLICE_LITERAL("entrypoint"));
	}
	return err_field(err, ERR_INVALID_FIELD, path, "The file name '%s' %s.", path, fault);
}

static int check_pairs(const struct file_set *set, const struct job_file **sorted, struct err *err)
{
	for (size_t i = 1; i < set->count; i++) {
		const struct job_file *earlier = MIN_OF(sorted[i - 1], sorted[i]);
		const struct job_file *later = MAX_OF(sorted[i - 1], sorted[i]);

		if (slice_equal(earlier->name, later->name))
			return bad_file(set, later, "was used before", err);
		if (is_below(sorted[i]->name, sorted[i - 1]->name))
			return bad_file(set, later, "needs a directory where another file is", err);
	}
	return 0;
}

static int check_artefact(const struct file_set *set, struct slice artefact, struct err *err)
{
	for (size_t i = 0; i < set->count; i++) {
		struct slice name = set->files[i].name;

		if (slice_equal(name, artefact) || is_below(name, artefact) ||
		    is_below(artefact, name))
			return bad_file(set, &set->files[i], "is needed for the compiled program",
					err);
	}
	return 0;
}

int files_check(const struct file_set *set, const char *artefact, struct arena *arena,
		struct err *err)
{
	if (artefact) {
		int rc = check_artefact(set, slice_from(artefact), err);
		if (rc < 0)
			return rc;
	}
	if (set->count < 2)
		return 0;
	const struct job_file **sorted = arena_array(arena, const struct job_file *, set->count);
	if (!sorted)
		return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
	for (size_t i = 0; i < set->count; i++)
		sorted[i] = &set->files[i];
	qsort(sorted, set->count, sizeof(*sorted), compare_names);
	return check_pairs(set, sorted, err);
}

size_t files_find(const struct file_set *set, struct slice name)
{
	size_t i = 0;

	while (i < set->count && !slice_equal(set->files[i].name, name))
		i++;
	return i;
}

static bool ends_with(struct slice name, struct slice suffix)
{
	return name.len > suffix.len &&
	       memcmp(name.data + name.len - suffix.len, suffix.data, suffix.len) == 0;
}

bool files_has_suffix(struct slice name, const struct runtime *runtime)
{
	for (unsigned i = 0; i < runtime->source_suffix_count; i++)
		if (ends_with(name, slice_from(runtime->source_suffixes[i])))
			return true;
	return false;
}

size_t files_guess_entry(const struct file_set *set, const struct runtime *runtime)
{
	if (set->count == 1)
		return 0;
	size_t entry = files_find(set, slice_from(runtime->file_name));
	if (entry < set->count)
		return entry;
	for (entry = 0; entry < set->count; entry++)
		if (files_has_suffix(set->files[entry].name, runtime))
			break;
	return entry;
}

int files_check_entry(const struct file_set *set, size_t entry, const struct runtime *runtime,
		      struct err *err)
{
	char fault[80];

	if (!runtime->artefact || runtime->source_suffix_count == 0 ||
	    files_has_suffix(set->files[entry].name, runtime))
		return 0;
	snprintf(fault, sizeof(fault), "must end in '%s'", runtime->source_suffixes[0]);
	return bad_file(set, &set->files[entry], fault, err);
}
