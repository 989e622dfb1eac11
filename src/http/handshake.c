/* SPDX-License-Identifier: Apache-2.0 */
/* The opening handshake of WebSocket: RFC 6455, 4.2. */
#include "http/handshake.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/util.h"

#define KEY_BYTES  24 /* base64 of 16 */
#define SHA1_BYTES 20
#define GUID	   "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* RFC 6455, 1.3 */

/* Of "a, b ,c"; also over several lines of that name (RFC 9110, 5.3). */
static bool has_element(const struct http_request *request, const char *name, const char *wanted)
{
	for (size_t i = 0; i < request->header_count; i++) {
		struct slice rest = request->headers[i].value;

		if (!header_text_is(request->headers[i].name, slice_from(name)))
			continue;
		while (rest.len) {
			const char *comma = memchr(rest.data, ',', rest.len);
			struct slice element = {rest.data,
						comma ? (size_t)(comma - rest.data) : rest.len};
			size_t used = element.len + (comma != NULL);

			for (; element.len && strchr(" \t", *element.data); element.len--)
				element.data++;
			while (element.len && strchr(" \t", element.data[element.len - 1]))
				element.len--;
			if (header_text_is(element, slice_from(wanted)))
				return true;
			rest = (struct slice){rest.data + used, rest.len - used};
		}
	}
	return false;
}

static unsigned count_of(const struct http_request *request, const char *name)
{
	unsigned count = 0;

	for (size_t i = 0; i < request->header_count; i++)
		count += header_text_is(request->headers[i].name, slice_from(name));
	return count;
}

/* Base64 of 16 bytes. */
static bool is_key(struct slice text)
{
	unsigned char bytes[KEY_BYTES];

	return text.len == KEY_BYTES && text.data[KEY_BYTES - 3] != '=' &&
	       memcmp(text.data + KEY_BYTES - 2, "==", 2) == 0 &&
	       EVP_DecodeBlock(bytes, (const unsigned char *)text.data, KEY_BYTES) == 18;
}

int websocket_check(const struct http_request *request, struct err *err)
{
	if (!has_element(request, "Upgrade", "websocket") ||
	    !slice_equal(http_request_header(request, "Sec-WebSocket-Version"),
			 SLICE_LITERAL("13")))
		return err_set(err, ERR_UPGRADE_REQUIRED, "%s",
			       err_default_text(ERR_UPGRADE_REQUIRED));
	if (request->method != HTTP_GET || request->body.len)
		return err_set(err, ERR_BAD_REQUEST,
			       "A WebSocket begins with a GET that has no body.");
	if (!has_element(request, "Connection", "upgrade"))
		return err_set(err, ERR_BAD_REQUEST,
			       "The header Connection does not say 'Upgrade'.");
	if (count_of(request, "Sec-WebSocket-Key") != 1 ||
	    count_of(request, "Sec-WebSocket-Version") != 1 ||
	    !is_key(http_request_header(request, "Sec-WebSocket-Key")))
		return err_set(err, ERR_BAD_REQUEST,
			       "The header Sec-WebSocket-Key is not the base64 form of 16 bytes.");
	return 0;
}

int handshake_accept(struct slice key, char ret_accept[static HANDSHAKE_ACCEPT_BYTES])
{
	unsigned char hash[SHA1_BYTES];
	char text[KEY_BYTES + sizeof(GUID)];

	memcpy(text, key.data, KEY_BYTES);
	memcpy(text + KEY_BYTES, GUID, sizeof(GUID));
	if (EVP_Digest(text, sizeof(text) - 1, hash, NULL, EVP_sha1(), NULL) != 1)
		return -ERR_NO_MEMORY;
	EVP_EncodeBlock((unsigned char *)ret_accept, hash, sizeof(hash));
	return 0;
}
