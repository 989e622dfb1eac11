/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "store/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/fd.h"

#define NEW_KEY_FILE SEAL_KEY_FILE ".new"
#define NONCE_BYTES                                                                                \
	12 /* random: 2^32 bodies under one key stay far from a repeated one (SP 800-38D, 8.3) */
#define TAG_BYTES 16

/* --- the key --- */

static int fail(struct err *err, const char *what)
{
	return err_set(err, ERR_STORE, "%s the key of sealed documents, %s, failed: %s.", what,
		       SEAL_KEY_FILE, strerror(errno));
}

static int read_key(struct seal *seal, int fd, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fail(err, "Reading");
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 077) ||
	    st.st_size != SEAL_KEY_BYTES)
		return err_set(err, ERR_STORE,
			       "%s must be a file of %d bytes that only its user may read.",
			       SEAL_KEY_FILE, SEAL_KEY_BYTES);
	if (fd_read_all(fd, seal->key, SEAL_KEY_BYTES) != SEAL_KEY_BYTES)
		return fail(err, "Reading");
	seal->loaded = true;
	return 0;
}

/* Whole and on disk before it has its name: half a key would lose all that is sealed with it. */
static int write_key(int dir_fd, const uint8_t *key)
{
	if (unlinkat(dir_fd, NEW_KEY_FILE, 0) < 0 && errno != ENOENT)
		return -1;
	_close_ int fd = openat(dir_fd, NEW_KEY_FILE,
				O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || fd_write_all(fd, key, SEAL_KEY_BYTES) < 0 || fsync(fd) < 0)
		return -1;
	return renameat(dir_fd, NEW_KEY_FILE, dir_fd, SEAL_KEY_FILE) < 0 ? -1 : fsync(dir_fd);
}

static int load_key(struct seal *seal, bool make, struct err *err)
{
	if (seal->loaded)
		return 0;
	_close_ int fd = openat(seal->dir_fd, SEAL_KEY_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		return read_key(seal, fd, err);
	if (errno != ENOENT || !make)
		return fail(err, "Opening");
	if (getrandom(seal->key, SEAL_KEY_BYTES, 0) != SEAL_KEY_BYTES ||
	    write_key(seal->dir_fd, seal->key) < 0)
		return fail(err, "Making");
	seal->loaded = true;
	return 0;
}

/* --- bodies --- */

static void context_free(EVP_CIPHER_CTX **context)
{
	EVP_CIPHER_CTX_free(*context);
}
#define _context_ __attribute__((cleanup(context_free)))

static int no_memory(struct err *err)
{
	return err_set(err, ERR_NO_MEMORY, "%s", err_default_text(ERR_NO_MEMORY));
}

static const unsigned char *bytes_of(struct slice slice)
{
	return (const unsigned char *)slice.data;
}

int seal_close(struct seal *seal, struct slice name, struct slice plain, struct buf *out,
	       struct err *err)
{
	_context_ EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int rc = load_key(seal, true, err), len;

	if (rc < 0)
		return rc;
	unsigned char *at = (unsigned char *)buf_reserve(out, NONCE_BYTES + plain.len + TAG_BYTES);
	if (!context || !at)
		return no_memory(err);
	if (getrandom(at, NONCE_BYTES, 0) != NONCE_BYTES ||
	    EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, seal->key, at) != 1 ||
	    EVP_EncryptUpdate(context, NULL, &len, bytes_of(name), (int)name.len) != 1 ||
	    (plain.len && EVP_EncryptUpdate(context, at + NONCE_BYTES, &len, bytes_of(plain),
					    (int)plain.len) != 1) ||
	    EVP_EncryptFinal_ex(context, at + NONCE_BYTES + plain.len, &len) != 1 ||
	    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_BYTES,
				at + NONCE_BYTES + plain.len) != 1)
		return err_set(err, ERR_STORE, "Sealing a document failed.");
	out->len += NONCE_BYTES + plain.len + TAG_BYTES;
	return 0;
}

int seal_open(struct seal *seal, struct slice name, struct slice sealed, struct buf *out,
	      struct err *err)
{
	_context_ EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int rc = load_key(seal, false, err), len;

	if (rc < 0)
		return rc;
	if (sealed.len < NONCE_BYTES + TAG_BYTES)
		return err_set(err, ERR_STORE, "A sealed document is cut.");
	size_t plain_len = sealed.len - NONCE_BYTES - TAG_BYTES;
	const unsigned char *from = bytes_of(sealed), *tag = from + sealed.len - TAG_BYTES;
	unsigned char *at = (unsigned char *)buf_reserve(out, plain_len + 1);
	if (!context || !at)
		return no_memory(err);
	if (EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, seal->key, from) != 1 ||
	    EVP_DecryptUpdate(context, NULL, &len, bytes_of(name), (int)name.len) != 1 ||
	    (plain_len &&
	     EVP_DecryptUpdate(context, at, &len, from + NONCE_BYTES, (int)plain_len) != 1) ||
	    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, (void *)tag) != 1 ||
	    EVP_DecryptFinal_ex(context, at + plain_len, &len) != 1)
		return err_set(err, ERR_STORE,
			       "A sealed document was not sealed with %s, or was changed.",
			       SEAL_KEY_FILE);
	out->len += plain_len;
	return 0;
}
