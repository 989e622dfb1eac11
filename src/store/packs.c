/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "store/packs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/hex.h"
#include "store/internal.h"

#define NAME_BYTES HEX_BYTES(PACK_HASH_BYTES)
#define NEW_PREFIX "new-" /* of those that are being written; no hash in hexadecimal begins so */

static const char number_sql[] = "SELECT number FROM documents WHERE key_id = ?1 AND kind = ?2 AND id = ?3";
static const char forget_sql[] = "DELETE FROM pack_refs WHERE document = ?1";
static const char refer_sql[] = "INSERT OR IGNORE INTO pack_refs (document, hash, bytes, key_id) VALUES (?1, ?2, ?3, ?4)";
static const char total_sql[] = "SELECT bytes FROM pack_totals WHERE key_id = ?1";
static const char used_sql[] = "SELECT 1 FROM pack_refs WHERE hash = ?1";
static const char gone_sql[] = "SELECT hash FROM packs_gone LIMIT 64";
static const char ungone_sql[] = "DELETE FROM packs_gone WHERE hash = ?1";

static const char *name_of(char out[static NAME_BYTES], const uint8_t hash[static PACK_HASH_BYTES])
{
	hex_write(out, hash, PACK_HASH_BYTES);
	return out;
}

static const char *new_name(char out[static NAME_BYTES], uint64_t file)
{
	snprintf(out, NAME_BYTES, NEW_PREFIX "%" PRIu64, file);
	return out;
}

static int fail(struct err *err, const char *what)
{
	if (errno == ENOENT)
		return err_set(err, ERR_NOT_FOUND, "The files of the session are not on the disk any more.");
	return err_set(err, ERR_IO, "%s a pack of files failed: %s.", what, strerror(errno));
}

/* --- files --- */

/* Whether the file has that size. */
static bool has_size(int fd, uint64_t bytes)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size == bytes;
}

static int open_sized(struct store *store, const char *name, uint64_t bytes, int *ret_fd)
{
	_close_ int fd = openat(store->packs_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -1;
	errno = ENOENT;
	if (!has_size(fd, bytes))
		return -1;
	*ret_fd = fd_steal(&fd);
	return 0;
}

int store_pack_new(struct store *store, uint64_t file, int *ret_fd, struct err *err)
{
	char name[NAME_BYTES];
	int fd = openat(store->packs_fd, new_name(name, file), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400);

	if (fd < 0)
		return fail(err, "Making");
	*ret_fd = fd;
	return 0;
}

int store_pack_keep(struct store *store, const struct msg_pack_ask *ask, int *ret_fd, struct err *err)
{
	char from[NAME_BYTES], to[NAME_BYTES];

	new_name(from, ask->file);
	name_of(to, ask->hash);
	if (open_sized(store, from, ask->bytes, ret_fd) < 0)
		return fail(err, "Keeping");
	if (renameat(store->packs_fd, from, store->packs_fd, to) == 0)
		return 0;
	fail(err, "Keeping");
	*ret_fd = fd_close(*ret_fd);
	return -err->code;
}

void store_pack_drop(struct store *store, uint64_t file)
{
	char name[NAME_BYTES];

	unlinkat(store->packs_fd, new_name(name, file), 0);
}

int store_pack_open(struct store *store, const struct msg_pack_ask *ask, int *ret_fd, struct err *err)
{
	char name[NAME_BYTES];

	return open_sized(store, name_of(name, ask->hash), ask->bytes, ret_fd) < 0 ? fail(err, "Opening") : 0;
}

/* --- references --- */

static int bind_document(struct store *store, sqlite3_stmt **stmt, const char *sql, sqlite3_int64 number, struct err *err)
{
	int rc = store_prepare(store, stmt, sql, err);

	if (rc == 0)
		sqlite3_bind_int64(*stmt, 1, number);
	return rc;
}

static int number_of(struct store *store, const char *key_id, const struct document *document, sqlite3_int64 *ret_number,
		     struct err *err)
{
	_stmt_ sqlite3_stmt *stmt = NULL;
	int rc = store_prepare(store, &stmt, number_sql, err);

	if (rc < 0)
		return rc;
	sqlite3_bind_text(stmt, 1, key_id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, document->kind);
	sqlite3_bind_text(stmt, 3, document->id, -1, SQLITE_STATIC);
	if (sqlite3_step(stmt) != SQLITE_ROW)
		return store_fail(store, err, "Reading");
	*ret_number = sqlite3_column_int64(stmt, 0);
	return 0;
}

static int forget(struct store *store, sqlite3_int64 number, struct err *err)
{
	_stmt_ sqlite3_stmt *stmt = NULL;
	int rc = bind_document(store, &stmt, forget_sql, number, err);

	if (rc == 0 && sqlite3_step(stmt) != SQLITE_DONE)
		rc = store_fail(store, err, "Writing");
	return rc;
}

/* It has to be there, or the document would be one that cannot be used. */
static int refer(struct store *store, const char *key_id, sqlite3_int64 number, const struct pack_ref *ref, bool durable,
		 struct err *err)
{
	struct msg_pack_ask ask = {.bytes = ref->bytes};
	_stmt_ sqlite3_stmt *stmt = NULL;
	_close_ int fd = -1;

	memcpy(ask.hash, ref->hash, sizeof(ask.hash));
	int rc = store_pack_open(store, &ask, &fd, err);
	if (rc == 0 && durable && fdatasync(fd) < 0)
		rc = fail(err, "Writing");
	if (rc == 0)
		rc = bind_document(store, &stmt, refer_sql, number, err);
	if (rc < 0)
		return rc;
	sqlite3_bind_blob(stmt, 2, ref->hash, sizeof(ref->hash), SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 3, (sqlite3_int64)ref->bytes);
	sqlite3_bind_text(stmt, 4, key_id, -1, SQLITE_STATIC);
	return sqlite3_step(stmt) == SQLITE_DONE ? 0 : store_fail(store, err, "Writing");
}

static int check_total(struct store *store, const char *key_id, struct err *err)
{
	_stmt_ sqlite3_stmt *stmt = NULL;
	int rc = store_prepare(store, &stmt, total_sql, err);

	if (rc < 0)
		return rc;
	sqlite3_bind_text(stmt, 1, key_id, -1, SQLITE_STATIC);
	uint64_t bytes = sqlite3_step(stmt) == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(stmt, 0) : 0;
	if (bytes <= store->pack_bytes_most)
		return 0;
	return err_limit(err, ERR_LIMIT_EXCEEDED, "", store->pack_bytes_most,
			 "This key's sessions and snapshots together may have %" PRIu64 " bytes.", store->pack_bytes_most);
}

bool packs_are_of(uint32_t kind)
{
	return kind == DOCUMENT_SESSION || kind == DOCUMENT_SNAPSHOT;
}

int packs_refer(struct store *store, const char *key_id, const struct document *document, bool durable, struct err *err)
{
	struct pack_list list;
	struct pack_ref ref;
	sqlite3_int64 number = 0;

	if (document->body.len < sizeof(list))
		return err_set(err, ERR_PROTOCOL, "%s", err_default_text(ERR_PROTOCOL));
	memcpy(&list, document->body.data, sizeof(list));
	if (list.magic != PACK_MAGIC || list.pack_count > PACKS_MAX ||
	    document->body.len < sizeof(list) + list.pack_count * sizeof(ref))
		return err_set(err, ERR_PROTOCOL, "%s", err_default_text(ERR_PROTOCOL));
	int rc = number_of(store, key_id, document, &number, err);
	if (rc == 0)
		rc = forget(store, number, err);
	for (unsigned i = 0; rc == 0 && i < list.pack_count; i++) {
		memcpy(&ref, document->body.data + sizeof(list) + i * sizeof(ref), sizeof(ref));
		rc = refer(store, key_id, number, &ref, durable, err);
	}
	return rc < 0 ? rc : check_total(store, key_id, err);
}

/* --- what is not referred to any more --- */

static int step_hash(struct store *store, const char *sql, const uint8_t *hash, int *ret_step, struct err *err)
{
	_stmt_ sqlite3_stmt *stmt = NULL;
	int rc = store_prepare(store, &stmt, sql, err);

	if (rc < 0)
		return rc;
	sqlite3_bind_blob(stmt, 1, hash, PACK_HASH_BYTES, SQLITE_STATIC);
	*ret_step = sqlite3_step(stmt);
	return 0;
}

static int next_gone(struct store *store, uint8_t (*ret_hashes)[PACK_HASH_BYTES], unsigned *ret_count, struct err *err)
{
	_stmt_ sqlite3_stmt *stmt = NULL;
	int rc = store_prepare(store, &stmt, gone_sql, err);

	*ret_count = 0;
	while (rc == 0 && sqlite3_step(stmt) == SQLITE_ROW)
		if (sqlite3_column_bytes(stmt, 0) == PACK_HASH_BYTES)
			memcpy(ret_hashes[(*ret_count)++], sqlite3_column_blob(stmt, 0), PACK_HASH_BYTES);
	return rc;
}

static int remove_gone(struct store *store, const uint8_t *hash, struct err *err)
{
	char name[NAME_BYTES];
	int step = 0, rc = step_hash(store, used_sql, hash, &step, err);

	if (rc == 0 && step == SQLITE_DONE)
		unlinkat(store->packs_fd, name_of(name, hash), 0);
	return rc < 0 ? rc : step_hash(store, ungone_sql, hash, &step, err);
}

void packs_remove_gone(struct store *store)
{
	uint8_t hashes[64][PACK_HASH_BYTES];
	unsigned count = 0;

	do {
		if (next_gone(store, hashes, &count, NULL) < 0)
			return;
		for (unsigned i = 0; i < count; i++)
			if (remove_gone(store, hashes[i], NULL) < 0)
				return;
	} while (count == 64);
}

static bool is_wanted(struct store *store, const char *name)
{
	uint8_t hash[PACK_HASH_BYTES];
	int step = SQLITE_DONE;

	if (!hex_read(hash, sizeof(hash), slice_from(name)))
		return false;
	return step_hash(store, used_sql, hash, &step, NULL) < 0 || step != SQLITE_DONE;
}

int store_packs_tidy(struct store *store, struct err *err)
{
	int fd = openat(store->packs_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!dir) {
		fd_close(fd);
		return fail(err, "Listing");
	}
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.' && !is_wanted(store, entry->d_name))
			unlinkat(store->packs_fd, entry->d_name, 0);
	closedir(dir);
	return 0;
}

int store_packs_open(struct store *store, struct err *err)
{
	if (mkdirat(store->seal.dir_fd, STORE_PACKS, 0700) < 0 && errno != EEXIST)
		return fail(err, "Making the directory of");
	store->packs_fd = openat(store->seal.dir_fd, STORE_PACKS, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return store->packs_fd < 0 ? fail(err, "Opening the directory of") : 0;
}
