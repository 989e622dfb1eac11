/* SPDX-License-Identifier: Apache-2.0 */
#include "door/sign.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "api/webhook.h"
#include "json/base64.h"

#define SHA256_BYTES 32

static bool authenticate(unsigned char out[static SHA256_BYTES], const unsigned char *key,
			 size_t key_bytes, const struct slice *parts, size_t count)
{
	EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, NULL, key, key_bytes);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = SHA256_BYTES;
	bool good = pkey && ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, pkey) == 1;

	for (size_t i = 0; good && i < count; i++)
		good = EVP_DigestSignUpdate(ctx, parts[i].data, parts[i].len) == 1;
	good = good && EVP_DigestSignFinal(ctx, out, &len) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	return good;
}

int sign_webhook(char out[static SIGNATURE_BYTES], struct slice secret, const char *id,
		 uint64_t time_s, struct slice body)
{
	unsigned char key[WEBHOOK_KEY_BYTES_MAX], mac[SHA256_BYTES];
	char head[64];
	size_t key_bytes = webhook_key(key, secret);
	int head_bytes =
	    snprintf(head, sizeof(head), "%.40s.%llu.", id, (unsigned long long)time_s);
	const struct slice parts[] = {{head, (size_t)head_bytes}, body};
	bool good = key_bytes && authenticate(mac, key, key_bytes, parts, ARRAY_LEN(parts));

	OPENSSL_cleanse(key, sizeof(key));
	if (!good)
		return -ERR_NO_MEMORY;
	memcpy(out, "v1,", 3);
	base64_encode(out + 3, mac, sizeof(mac));
	out[3 + base64_len(sizeof(mac))] = '\0';
	return 0;
}
