/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <string.h>

#include "base/err.h"
#include "http/http.h"

/* A key with a password has nobody to type it here; OpenSSL's default would ask on the terminal. */
static int no_password(char *out _unused_, int cap _unused_, int writing _unused_,
		       void *ctx _unused_)
{
	return -1;
}

static SSL_CTX *context_create(void)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());

	if (!tls)
		return NULL;
	SSL_CTX_set_default_passwd_cb(tls, no_password);
	/* A client could renegotiate for ever (CVE-2011-1473), and in the middle of a request. */
	SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
				     SSL_OP_CIPHER_SERVER_PREFERENCE);
	/* Partial writes and moving buffers: transport.c. Released buffers: cheap idle ones. */
	SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				  SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
	if (!SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) ||
	    !SSL_CTX_set_cipher_list(tls, "ECDHE+AESGCM:ECDHE+CHACHA20")) {
		SSL_CTX_free(tls);
		return NULL;
	}
	return tls;
}

static int load_failed(struct err *err, const char *what, const char *path)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());

	err_set(err, ERR_CONFIG, "The %s %s cannot be used: %s.", what, path,
		reason ? reason : "it is not PEM");
	ERR_clear_error();
	return -ERR_CONFIG;
}

static int load(SSL_CTX *tls, const char *certificate_path, const char *key_path, struct err *err)
{
	if (SSL_CTX_use_certificate_chain_file(tls, certificate_path) != 1)
		return load_failed(err, "TLS certificate", certificate_path);
	if (SSL_CTX_use_PrivateKey_file(tls, key_path, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(tls) != 1)
		return load_failed(err, "TLS key", key_path);
	return 0;
}

struct ssl_ctx_st *http_tls_create(const char *certificate_path, const char *key_path,
				   struct err *err)
{
	SSL_CTX *tls = context_create();

	if (!tls) {
		err_set(err, ERR_CONFIG, "OpenSSL cannot be set up.");
		ERR_clear_error();
		return NULL;
	}
	if (load(tls, certificate_path, key_path, err) < 0) {
		SSL_CTX_free(tls);
		return NULL;
	}
	/* OpenSSL writes with write(2), which has no MSG_NOSIGNAL. */
	signal(SIGPIPE, SIG_IGN);
	return tls;
}

void http_tls_destroy(struct ssl_ctx_st *tls)
{
	SSL_CTX_free(tls);
}
