/* SPDX-License-Identifier: Apache-2.0 */
#include "store/key_text.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/random.h>

#include "base/err.h"
#include "base/util.h"

#define PREFIX_LEN   (sizeof(KEY_TEXT_PREFIX) - 1)
#define CHECKSUM_LEN 6 /* 62^6 > 2^32 */
#define RANDOM_LEN   (KEY_TEXT_LEN - PREFIX_LEN - CHECKSUM_LEN)
#define BASE	     62

static const char base62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/*
 * CRC-32 of IEEE 802.3: finds every change of one character, which a cut hash would only make
 * unlikely.
 */
static uint32_t crc32_of(const char *data, size_t len)
{
	uint32_t crc = ~0u;

	for (size_t i = 0; i < len; i++) {
		crc ^= (unsigned char)data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (0xedb88320u & -(crc & 1));
	}
	return ~crc;
}

static void checksum_of(const char *text, char out[static CHECKSUM_LEN])
{
	uint32_t crc = crc32_of(text, PREFIX_LEN + RANDOM_LEN);

	for (size_t i = CHECKSUM_LEN; i-- > 0; crc /= BASE)
		out[i] = base62[crc % BASE];
}

/*
 * Bytes that do not divide evenly among 62 symbols are thrown away, so that all are equally
 * likely.
 */
static int random_symbols(char *out, size_t len)
{
	uint8_t pool[64];

	for (size_t done = 0; done < len;) {
		if (getrandom(pool, sizeof(pool), 0) != (ssize_t)sizeof(pool))
			return -ERR_IO;
		for (size_t i = 0; i < sizeof(pool) && done < len; i++)
			if (pool[i] < 256 - 256 % BASE)
				out[done++] = base62[pool[i] % BASE];
	}
	OPENSSL_cleanse(pool, sizeof(pool));
	return 0;
}

int key_text_make(char out[static KEY_TEXT_BYTES])
{
	memcpy(out, KEY_TEXT_PREFIX, PREFIX_LEN);
	int rc = random_symbols(out + PREFIX_LEN, RANDOM_LEN);
	if (rc < 0)
		return rc;
	checksum_of(out, out + PREFIX_LEN + RANDOM_LEN);
	out[KEY_TEXT_LEN] = '\0';
	return 0;
}

static bool well_formed(struct slice text)
{
	char checksum[CHECKSUM_LEN];

	if (text.len != KEY_TEXT_LEN || memcmp(text.data, KEY_TEXT_PREFIX, PREFIX_LEN) != 0)
		return false;
	for (size_t i = PREFIX_LEN; i < text.len; i++)
		if (!text.data[i] || !strchr(base62, text.data[i]))
			return false;
	checksum_of(text.data, checksum);
	return CRYPTO_memcmp(checksum, text.data + text.len - CHECKSUM_LEN, CHECKSUM_LEN) == 0;
}

int key_text_hash(struct slice text, uint8_t out[static KEY_HASH_BYTES])
{
	if (!well_formed(text))
		return -ERR_UNAUTHENTICATED;
	return EVP_Digest(text.data, text.len, out, NULL, EVP_sha256(), NULL) == 1 ? 0
										   : -ERR_INTERNAL;
}
