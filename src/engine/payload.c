/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/payload.h"

#include <stdio.h>
#include <string.h>

#include "engine/kept.h"
#include "ipc/collect.h"
#include "ipc/payload.h"

/* The documented minimum that every program finds (docs/api.md); the caller's own entries win. */
static const struct slice minimum_env[] = {
    SLICE_LITERAL("PATH=/usr/local/bin:/usr/bin:/bin"), SLICE_LITERAL("HOME=" PAYLOAD_HOME_DIR),
    SLICE_LITERAL("LANG=C.UTF-8"),                      SLICE_LITERAL("TMPDIR=" PAYLOAD_TMP_DIR),
    SLICE_LITERAL("USER=sandbox"),
};

#define RUNTIME_ENV_MAX 64 /* entries of one manifest that are used */

struct writer {
	struct buf *out;
	const struct job_spec *spec;
	uint32_t argc, envc, files;
	int rc;
};

static void put(struct writer *w, const void *data, size_t len)
{
	if (w->rc == 0)
		w->rc = buf_append(w->out, data, len);
}

static void put_string(struct writer *w, struct slice text)
{
	put(w, text.data, text.len);
	put(w, "", 1);
}

static void put_arg(struct writer *w, struct slice text)
{
	put_string(w, text);
	w->argc++;
}

/* --- argv --- */

static bool has_suffix(struct slice name, const char *suffix)
{
	size_t len = strlen(suffix);

	return name.len > len && memcmp(name.data + name.len - len, suffix, len) == 0;
}

static bool is_source(const struct runtime *runtime, struct slice name)
{
	for (unsigned i = 0; i < runtime->source_suffix_count; i++)
		if (has_suffix(name, runtime->source_suffixes[i]))
			return true;
	return false;
}

/* A name that begins with '-' would be read as an option by the tool that gets it, by GCC one with '@' too. */
static void put_file_arg(struct writer *w, struct slice name)
{
	if (name.len && (name.data[0] == '-' || name.data[0] == '@'))
		put(w, "./", 2);
	put_arg(w, name);
}

static void put_sources(struct writer *w)
{
	for (size_t i = 0; i < w->spec->file_count; i++) {
		struct slice name = w->spec->files[i].name;
		if (i == w->spec->entry || is_source(w->spec->runtime, name))
			put_file_arg(w, name);
	}
}

static void put_args(struct writer *w)
{
	for (size_t i = 0; i < w->spec->arg_count; i++)
		put_arg(w, w->spec->args[i]);
}

static void put_flags(struct writer *w)
{
	for (size_t i = 0; i < w->spec->flag_count; i++)
		put_arg(w, w->spec->flags[i]);
}

static void put_entry(struct writer *w)
{
	put_file_arg(w, w->spec->files[w->spec->entry].name);
}

/* --- placeholders inside of an element --- */

static void put_number(struct writer *w, uint64_t number)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%llu", (unsigned long long)number);

	put(w, text, (size_t)len);
}

static void put_entry_name(struct writer *w)
{
	struct slice name = w->spec->files[w->spec->entry].name;

	put(w, name.data, name.len);
}

static void put_artefact(struct writer *w)
{
	put(w, w->spec->runtime->artefact, strlen(w->spec->runtime->artefact));
}

static void put_memory(struct writer *w)
{
	put_number(w, MAX_OF(w->spec->limits.memory_bytes / MIB, 1u));
}

/* .NET reads its numbers in hexadecimal. */
static void put_memory_hex(struct writer *w)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%llx",
			   (unsigned long long)w->spec->limits.memory_bytes);

	put(w, text, (size_t)len);
}

/* What a collected heap may take, so that stacks, code and buffers find room beside it. */
static void put_heap(struct writer *w)
{
	put_number(w, MAX_OF(w->spec->limits.memory_bytes / 4 * 3 / MIB, 1u));
}

/* Where new objects go: V8 keeps three of them, of up to 32 MiB each, however little memory there is. */
static void put_young(struct writer *w)
{
	put_number(w, MAX_OF(w->spec->limits.memory_bytes / 32 / MIB, 1u));
}

static void put_cpus(struct writer *w)
{
	put_number(w, MAX_OF((w->spec->limits.cpu_milli + 999) / 1000, 1u));
}

/* Runtimes cannot read their share from cgroups, which a jail does not show: they are told. */
static const struct placeholder {
	const char *name;
	void (*put)(struct writer *);
} inner[] = {
    {"{entry}", put_entry_name}, {"{out}", put_artefact},         {"{memory_mib}", put_memory},
    {"{heap_mib}", put_heap},    {"{memory_hex}", put_memory_hex}, {"{young_mib}", put_young},
    {"{cpus}", put_cpus},
};

static const struct placeholder *inner_at(const char *at)
{
	for (size_t i = 0; i < ARRAY_LEN(inner); i++)
		if (strncmp(at, inner[i].name, strlen(inner[i].name)) == 0)
			return &inner[i];
	return NULL;
}

static void put_template(struct writer *w, const char *at)
{
	while (*at) {
		const struct placeholder *p = *at == '{' ? inner_at(at) : NULL;
		if (p)
			p->put(w);
		else
			put(w, at, 1);
		at += p ? strlen(p->name) : 1;
	}
	put(w, "", 1);
}

/* A placeholder is a whole element of argv, or text around one of those above. */
static void put_element(struct writer *w, const char *element)
{
	static const struct placeholder whole[] = {
	    {"{entry}", put_entry}, {"{sources}", put_sources}, {"{args}", put_args}, {"{flags}", put_flags}};

	for (size_t i = 0; i < ARRAY_LEN(whole); i++)
		if (strcmp(element, whole[i].name) == 0) {
			whole[i].put(w);
			return;
		}
	put_template(w, element);
	w->argc++;
}

static void put_argv(struct writer *w, const struct command *command)
{
	for (unsigned i = 0; i < command->argc; i++)
		put_element(w, command->argv[i]);
}

/* --- environment --- */

static bool same_variable(struct slice a, struct slice b)
{
	const char *end = a.len ? memchr(a.data, '=', a.len) : NULL;
	size_t len = end ? (size_t)(end - a.data) + 1 : a.len;

	return b.len >= len && memcmp(a.data, b.data, len) == 0;
}

/* Layers, each of which wins over those before it. A compile gets none of the caller's: they are for the program. */
struct env_layer {
	const struct slice *entries;
	size_t count;
	bool templates;
};

static bool overridden(const struct env_layer *later, size_t layers, struct slice entry)
{
	for (size_t i = 0; i < layers; i++)
		for (size_t k = 0; k < later[i].count; k++)
			if (same_variable(entry, later[i].entries[k]))
				return true;
	return false;
}

static void put_entry_of_layer(struct writer *w, const struct env_layer *layer, struct slice entry)
{
	if (layer->templates)
		put_template(w, entry.data);
	else
		put_string(w, entry);
	w->envc++;
}

static void put_layer(struct writer *w, const struct env_layer *layer, size_t later)
{
	for (size_t i = 0; i < layer->count; i++) {
		if (overridden(layer + 1, later, layer->entries[i]))
			continue;
		put_entry_of_layer(w, layer, layer->entries[i]);
	}
}

static void put_env(struct writer *w, enum stage stage)
{
	const struct runtime_version *version = w->spec->version;
	struct slice own[RUNTIME_ENV_MAX];
	static const struct slice terminal_env[] = {SLICE_LITERAL("TERM=xterm-256color")};
	bool terminal = stage == STAGE_RUN && w->spec->window.rows;
	struct env_layer layers[] = {
	    {minimum_env, ARRAY_LEN(minimum_env), false},
	    {terminal_env, terminal ? ARRAY_LEN(terminal_env) : 0, false},
	    {own, MIN_OF(version->env_count, (unsigned)RUNTIME_ENV_MAX), true},
	    {w->spec->env, stage == STAGE_RUN ? w->spec->env_count : 0, false},
	};

	for (size_t i = 0; i < layers[2].count; i++)
		own[i] = slice_from(version->env[i]);
	for (size_t i = 0; i < ARRAY_LEN(layers); i++)
		put_layer(w, &layers[i], ARRAY_LEN(layers) - 1 - i);
}

/* --- files --- */

static void put_padding(struct writer *w)
{
	static const char zeros[8];

	put(w, zeros, (8 - w->out->len % 8) % 8);
}

static void put_head(struct writer *w, struct slice name, const struct payload_file *head)
{
	put_padding(w);
	put(w, head, sizeof(*head));
	put_string(w, name);
}

/* A file of two parts. */
static void put_parts(struct writer *w, struct slice name, struct slice begin, struct slice rest, uint32_t mode)
{
	struct payload_file head = {.name_bytes = (uint32_t)name.len,
	                            .mode = mode,
	                            .type = PACK_FILE,
	                            .data_bytes = begin.len + rest.len,
	                            .mtime_ns = PAYLOAD_NO_TIME};

	put_head(w, name, &head);
	put(w, begin.data, begin.len);
	put(w, rest.data, rest.len);
	w->files++;
}

static void put_file(struct writer *w, const struct job_file *file, uint32_t mode)
{
	put_parts(w, file->name, file->data, (struct slice){0}, mode);
}

/* The scanner in the place of the program, and that where the scanner looks for it. */
static void put_scanned(struct writer *w, const struct job_file *file)
{
	const struct job_scan *scan = &w->spec->scan;
	char head[ID_BYTES + 8];
	const char *how = scan->as_text ? "text" : scan->ours ? "ours" : "file";
	int len = snprintf(head, sizeof(head), "%s %s\n", scan->word, how);

	put_parts(w, file->name, scan->scanner, (struct slice){0}, 0644);
	put_parts(w, SLICE_LITERAL(JOB_SCANNED_FILE), (struct slice){head, (size_t)len}, file->data, 0644);
}

static void put_files(struct writer *w, const struct command *command)
{
	const struct job_spec *spec = w->spec;
	/* the submitted file itself is what gets executed: the `binary` runtime, scripts with #! */
	bool executes_entry = command->argc && strstr(command->argv[0], "{entry}");

	for (size_t i = 0; i < spec->file_count; i++) {
		if (spec->files[i].of_session)
			continue;
		if (i == spec->entry && spec->scan.scanner.data)
			put_scanned(w, &spec->files[i]);
		else
			put_file(w, &spec->files[i], executes_entry && i == spec->entry ? 0755 : 0644);
	}
}

/* Programs may write there without asking whether it is there; plots do (runtimes/python/plots.py). */
static void put_artifacts(struct writer *w, enum stage stage)
{
	static const struct payload_file directory = {
	    .name_bytes = sizeof(COLLECT_DIR) - 1, .mode = 0755, .type = PACK_DIRECTORY};

	if (!w->spec->artifacts || stage != STAGE_RUN)
		return;
	put_head(w, SLICE_LITERAL(COLLECT_DIR), &directory);
	w->files++;
}

static void put_item(struct writer *w, const struct pack_item *item)
{
	struct payload_file head = {
	    .name_bytes = (uint32_t)item->path.len,
	    .mode = item->mode,
	    .root = item->root,
	    .type = item->type,
	    .source = item->type == PACK_FILE && item->size ? item->pack + 1u : 0,
	    .data_bytes = item->type == PACK_LINK ? item->target.len + 1 : item->size,
	    .offset = item->type == PACK_FILE && item->size ? item->offset : 0,
	    .mtime_ns = item->mtime_ns,
	    .check = item->check,
	};

	put_head(w, item->path, &head);
	if (item->type == PACK_LINK)
		put_string(w, item->target);
	w->files++;
}

/* Before the request's own, which are put into its directories. */
static void put_session(struct writer *w)
{
	const struct job_session *session = &w->spec->session;
	_free_ unsigned char *left_out = session->joined ? kept_left_out(w->spec) : NULL;

	if (session->joined && !left_out)
		w->rc = -ERR_NO_MEMORY;
	for (size_t i = 0; w->rc == 0 && i < session->item_count; i++)
		if (!left_out[i])
			put_item(w, &session->items[i]);
}

int payload_write(struct buf *out, const struct job_spec *spec, enum stage stage)
{
	const struct command *command = stage == STAGE_COMPILE ? &spec->version->compile
					: spec->file_count     ? &spec->version->run
							       : &spec->version->repl;
	bool compiled = spec->version->compile.argc != 0 && spec->file_count;
	struct writer w = {.out = out, .spec = spec};
	struct payload_header header;

	memset(&header, 0, sizeof(header));
	put(&w, &header, sizeof(header));
	put_argv(&w, command);
	put_env(&w, stage);
	uint64_t strings_bytes = out->len - sizeof(header);
	put_session(&w);
	put_files(&w, command); /* in both stages: a compiled program finds its data files beside it */
	put_artifacts(&w, stage);
	if (w.rc < 0)
		return w.rc;

	header.magic = PAYLOAD_MAGIC;
	header.argc = w.argc;
	header.envc = w.envc;
	header.file_count = w.files;
	header.session = spec->session.joined;
	header.total_bytes = out->len;
	header.strings_bytes = strings_bytes;
	header.control = stage == STAGE_RUN ? spec->control : PAYLOAD_CONTROL_NONE;
	if (header.control == PAYLOAD_CONTROL_LAUNCHER)
		strncpy(header.artefact, spec->runtime->file_name, sizeof(header.artefact) - 1);
	if (stage == STAGE_RUN) {
		header.rows = spec->window.rows;
		header.columns = spec->window.columns;
	}
	if (compiled)
		strncpy(header.artefact, spec->runtime->artefact, sizeof(header.artefact) - 1);
	memcpy(out->data, &header, sizeof(header));
	return 0;
}
