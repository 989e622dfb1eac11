/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/kept.h"

#include <stdlib.h>
#include <string.h>

/* --- what is the run's alone --- */

static void hide(struct pack_item *hidden, unsigned *count, enum pack_root root, struct slice path)
{
	unsigned at = *count;

	while (at > 0 && pack_compare(hidden[at - 1].root, hidden[at - 1].path, root, path) > 0) {
		hidden[at] = hidden[at - 1];
		at--;
	}
	hidden[at] = (struct pack_item){.path = path, .root = (uint8_t)root, .type = PACK_GONE};
	++*count;
}

unsigned kept_hidden(const struct job_spec *spec, struct pack_item ret_hidden[static KEPT_HIDDEN_MAX])
{
	unsigned count = 0;

	if (!spec->session.code_is_file && spec->file_count)
		hide(ret_hidden, &count, PACK_WORK, spec->files[spec->entry].name);
	if (spec->version->compile.argc)
		hide(ret_hidden, &count, PACK_WORK, slice_from(spec->runtime->artefact));
	if (spec->scan.scanner.data)
		hide(ret_hidden, &count, PACK_WORK, SLICE_LITERAL(JOB_SCANNED_FILE));
	hide(ret_hidden, &count, PACK_HOME, SLICE_LITERAL(".cache"));
	return count;
}

size_t kept_place(const struct job_session *session, enum pack_root root, struct slice path)
{
	size_t low = 0, high = session->item_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct pack_item *item = &session->items[middle];
		if (pack_compare(item->root, item->path, root, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_at(const struct job_session *session, size_t place, unsigned root, struct slice path)
{
	return place < session->item_count && session->items[place].root == root &&
	       slice_equal(session->items[place].path, path);
}

/* Between a directory and what is below it others may stand: "a", "a-b", "a/c". */
static void leave_out_below(const struct job_session *session, const struct pack_item *hidden, unsigned char *out)
{
	for (size_t i = kept_place(session, hidden->root, hidden->path); i < session->item_count; i++) {
		const struct pack_item *item = &session->items[i];
		if (item->root != hidden->root || item->path.len < hidden->path.len ||
		    memcmp(item->path.data, hidden->path.data, hidden->path.len) != 0)
			return;
		out[i] |= item->path.len == hidden->path.len || pack_is_below(item->path, hidden->path);
	}
}

unsigned char *kept_left_out(const struct job_spec *spec)
{
	const struct job_session *session = &spec->session;
	struct pack_item hidden[KEPT_HIDDEN_MAX];
	unsigned count = kept_hidden(spec, hidden);
	unsigned char *out = calloc(session->item_count + 1, 1);

	if (!out)
		return NULL;
	for (unsigned i = 0; i < count; i++)
		leave_out_below(session, &hidden[i], out);
	for (size_t i = 0; i < spec->file_count; i++) {
		if (spec->files[i].of_session)
			continue;
		size_t place = kept_place(session, PACK_WORK, spec->files[i].name);
		if (is_at(session, place, PACK_WORK, spec->files[i].name))
			out[place] = 1;
	}
	return out;
}

/* --- asking what has changed --- */

/* The items with what is hidden among them, in the place of one of the same name. */
static size_t merge(const struct job_spec *spec, struct pack_item *out)
{
	const struct job_session *session = &spec->session;
	struct pack_item hidden[KEPT_HIDDEN_MAX];
	unsigned hidden_count = kept_hidden(spec, hidden), h = 0;
	size_t count = 0;

	for (size_t i = 0; i < session->item_count; i++) {
		const struct pack_item *item = &session->items[i];
		int order = -1;
		while (h < hidden_count &&
		       (order = pack_compare(hidden[h].root, hidden[h].path, item->root, item->path)) < 0)
			out[count++] = hidden[h++];
		if (h == hidden_count || order != 0)
			out[count++] = *item;
	}
	while (h < hidden_count)
		out[count++] = hidden[h++];
	return count;
}

int kept_ask(const struct job_spec *spec, const struct collected_limits *limits)
{
	size_t most = spec->session.item_count + KEPT_HIDDEN_MAX;
	_free_ struct pack_item *items = calloc(most, sizeof(*items));
	struct collected_known known = {
	    .items = items, .entries_most = payload_entries_most(limits->session_bytes) - KEPT_HIDDEN_MAX, .session_bytes = limits->session_bytes};

	if (!items)
		return -1;
	known.count = merge(spec, items);
	return collected_ask(spec->output_files, spec->output_file_count, spec->artifacts, limits, &known);
}
