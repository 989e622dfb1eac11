/* SPDX-License-Identifier: Apache-2.0 */
#include "image/digest.h"

#include <errno.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/hex.h"
#include "base/log.h"
#include "base/util.h"

void digest_data(char out[static DIGEST_BYTES], const void *data, size_t len)
{
	unsigned char digest[EVP_MAX_MD_SIZE];

	if (EVP_Digest(data, len, digest, NULL, EVP_sha256(), NULL) != 1)
		fatal("no_sha256", "EVP_Digest failed");
	hex_write(out, digest, DIGEST_BYTES / 2);
}

static int update_from(EVP_MD_CTX *context, int fd)
{
	static char block[256 * KIB];

	for (;;) {
		ssize_t n = read(fd, block, sizeof(block));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		EVP_DigestUpdate(context, block, (size_t)n);
	}
}

int digest_fd(char out[static DIGEST_BYTES], int fd)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	if (!context || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
		fatal("no_sha256", "EVP_DigestInit_ex failed");
	int rc = update_from(context, fd);
	EVP_DigestFinal_ex(context, digest, NULL);
	EVP_MD_CTX_free(context);
	hex_write(out, digest, DIGEST_BYTES / 2);
	return rc;
}
