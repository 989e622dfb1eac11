/* SPDX-License-Identifier: Apache-2.0 */
#include "session/packer.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/evp.h>

#define STEP_BYTES  MIB           /* some milliseconds, of hashing mostly */
#define WRITE_BYTES (256 * KIB)

int packer_init(struct packer *packer, int fd)
{
	*packer = (struct packer){.fd = fd, .sha = EVP_MD_CTX_new()};
	buf_init(&packer->pending, 2 * PACK_INDEX_BYTES);
	return packer->sha && EVP_DigestInit_ex(packer->sha, EVP_sha256(), NULL) == 1 ? 0 : -ERR_NO_MEMORY;
}

void packer_finish(struct packer *packer)
{
	EVP_MD_CTX_free(packer->sha);
	buf_finish(&packer->pending);
	tree_unref(packer->tree);
	free(packer->scratch);
	*packer = (struct packer){.fd = -1};
}

/* --- writing --- */

static int flush(struct packer *packer)
{
	const struct buf *out = &packer->pending;

	for (size_t done = 0; done < out->len;) {
		ssize_t n = write(packer->fd, out->data + done, out->len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -ERR_IO;
		done += (size_t)n;
	}
	buf_clear(&packer->pending);
	return 0;
}

int packer_add(struct packer *packer, const void *data, size_t len)
{
	if (EVP_DigestUpdate(packer->sha, data, len) != 1)
		return -ERR_NO_MEMORY;
	int rc = buf_append(&packer->pending, data, len);
	packer->at += len;
	return rc == 0 && packer->pending.len >= WRITE_BYTES ? flush(packer) : rc;
}

/* --- the plan --- */

/* From the newest on; what is swallowed makes the new one larger, so that it may swallow the next. */
static void choose(struct packer *packer, const struct session_list *list)
{
	uint64_t bytes = packer->tree->live[PACK_THIS];
	unsigned kept = 0;

	for (unsigned i = list->pack_count; i-- > 0;) {
		uint64_t live = packer->tree->live[i], size = list->packs[i].bytes;
		bool swallow = size <= 2 * bytes + PACK_INDEX_BYTES / 512 || live < size / 2 || kept == PACKS_MAX - 1;
		packer->keeps[i] = live && !swallow;
		kept += packer->keeps[i];
		if (swallow)
			bytes += live;
	}
}

static void renumber(struct packer *packer, const struct session_list *list)
{
	packer->list.pack_count = 0;
	for (unsigned i = 0; i < list->pack_count; i++) {
		packer->place[i] = packer->keeps[i] ? (unsigned char)packer->list.pack_count : PACK_THIS;
		if (packer->keeps[i])
			packer->list.packs[packer->list.pack_count++] = list->packs[i];
	}
	packer->place[PACK_THIS] = PACK_THIS;
}

int packer_plan(struct packer *packer, const struct session_tree *tree, const struct session_list *list, const int *fds,
		const struct session_change *changes, size_t count)
{
	int rc = tree_change(&packer->tree, tree, changes, count, PACK_THIS);

	if (rc < 0)
		return rc;
	if (packer->tree->count > PACK_ENTRIES_MAX)
		return -ERR_TOO_LARGE;
	packer->scratch = malloc(WRITE_BYTES);
	packer->changes = changes;
	packer->change_count = count;
	packer->fds = fds;
	check_init(&packer->check);
	choose(packer, list);
	renumber(packer, list);
	return packer->scratch ? 0 : -ERR_NO_MEMORY;
}

/* --- contents, in the order of the tree --- */

/* The content of the next change that has one: the tree has them in the same order. */
static const struct session_change *change_of(struct packer *packer, const struct pack_item *item)
{
	while (packer->next_change < packer->change_count) {
		const struct session_change *change = &packer->changes[packer->next_change];
		if (pack_compare(change->item.root, change->item.path, item->root, item->path) >= 0)
			return change;
		packer->next_change++;
	}
	return NULL;
}

/* The next bytes of an item: of memory, or read from the pack that has been swallowed. */
static int next_bytes(struct packer *packer, const struct pack_item *item, const char **ret_data, size_t *ret_len)
{
	uint64_t left = item->size - packer->item_done;
	size_t len = (size_t)MIN_OF(left, WRITE_BYTES);

	*ret_len = len;
	if (item->pack == PACK_THIS) {
		*ret_data = change_of(packer, item)->data + packer->item_done;
		return 0;
	}
	ssize_t n = pread(packer->fds[item->pack], packer->scratch, len, (off_t)(item->offset + packer->item_done));
	*ret_data = packer->scratch;
	*ret_len = n > 0 ? (size_t)n : 0;
	return n > 0 ? 0 : -ERR_IO;
}

/* Whether its bytes still have to be written here. */
static bool is_to_be_written(struct packer *packer, const struct pack_item *item)
{
	if (item->type != PACK_FILE || item->size == 0 || packer->place[item->pack] != PACK_THIS)
		return false;
	if (item->pack != PACK_THIS)
		return true;
	const struct session_change *change = change_of(packer, item);
	return change && change->data;
}

static int write_some(struct packer *packer, const struct pack_item *item)
{
	const char *data;
	size_t len;
	int rc = next_bytes(packer, item, &data, &len);

	if (rc < 0)
		return rc;
	check_add(&packer->check, data, len);
	packer->item_done += len;
	return packer_add(packer, data, len);
}

/* What the index will say; the last pack of the list is this one. */
static void place(struct packer *packer, struct pack_item *item, bool written)
{
	unsigned to = item->type == PACK_FILE ? packer->place[item->pack] : 0;

	if (written) {
		item->offset = packer->at - item->size;
		item->check = check_end(&packer->check);
	}
	if (item->type == PACK_FILE && item->size == 0)
		item->offset = 0;
	item->pack = (uint8_t)(to == PACK_THIS || (item->type == PACK_FILE && item->size == 0) ? packer->list.pack_count : to);
	if (item->type != PACK_FILE)
		item->pack = 0;
	packer->item_done = 0;
	check_init(&packer->check);
	packer->next_item++;
}

/* The tree's own sums, by the numbers of the new list. */
static void count_live(struct session_tree *tree)
{
	memset(tree->live, 0, sizeof(tree->live));
	for (size_t i = 0; i < tree->count; i++)
		tree->live[tree->items[i].pack] += tree->items[i].size;
}

static int write_end(struct packer *packer)
{
	struct pack_ref *ref = &packer->list.packs[packer->list.pack_count++];
	_buf_finish_ struct buf index;

	buf_init(&index, PACK_INDEX_BYTES + KIB);
	int rc = index_write(&index, packer->tree, packer->at);
	if (rc == 0)
		rc = packer_add(packer, index.data, index.len);
	if (rc == 0)
		rc = flush(packer);
	if (rc < 0)
		return rc;
	count_live(packer->tree);
	ref->bytes = packer->at;
	return EVP_DigestFinal_ex(packer->sha, ref->hash, NULL) == 1 ? 1 : -ERR_NO_MEMORY;
}

int packer_step(struct packer *packer)
{
	uint64_t until = packer->at + STEP_BYTES;
	int rc = 0;

	while (rc == 0 && packer->next_item < packer->tree->count) {
		struct pack_item *item = &packer->tree->items[packer->next_item];
		bool written = is_to_be_written(packer, item);
		if (written)
			rc = write_some(packer, item);
		if (!written || packer->item_done == item->size)
			place(packer, item, written);
		if (packer->at >= until)
			return rc;
	}
	return rc < 0 ? rc : write_end(packer);
}
