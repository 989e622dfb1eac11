/* SPDX-License-Identifier: Apache-2.0 */
/* TLS with a certificate made here: round trips of every size, small socket buffers, bad clients.
 */
#define _GNU_SOURCE
#include "tests/unit/http/rig.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "tests/unit/unit.h"

static char certificate_path[] = "/tmp/sandglass-test-cert-XXXXXX";
static char key_path[] = "/tmp/sandglass-test-key-XXXXXX";
static struct ssl_ctx_st *server_tls;
static SSL_CTX *client_tls;
static struct rig rig;
static struct rig_client client; /* in: what came, decrypted */
static SSL *ssl;

static X509 *certificate_of(EVP_PKEY *key)
{
	X509 *certificate = X509_new();
	X509_NAME *name = X509_get_subject_name(certificate);

	X509_set_version(certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1,
				   -1, 0);
	X509_set_issuer_name(certificate, name);
	X509_set_pubkey(certificate, key);
	assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
	return certificate;
}

static FILE *temporary(char *path)
{
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	return fdopen(fd, "w");
}

static int make_certificate(void **state _unused_)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = certificate_of(key);
	FILE *out = temporary(certificate_path);
	struct err err;

	PEM_write_X509(out, certificate);
	fclose(out);
	out = temporary(key_path);
	PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL);
	fclose(out);
	X509_free(certificate);
	EVP_PKEY_free(key);
	server_tls = http_tls_create(certificate_path, key_path, &err);
	client_tls = SSL_CTX_new(TLS_client_method());
	return server_tls ? 0 : -1;
}

static int remove_certificate(void **state _unused_)
{
	http_tls_destroy(server_tls);
	SSL_CTX_free(client_tls);
	unlink(certificate_path);
	unlink(key_path);
	return 0;
}

/* Small buffers, so that both sides meet full sockets. */
static void start(const struct http_config *config)
{
	int pair[2], bytes = 4096;

	rig_start(&rig, config);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair),
			 0);
	for (int i = 0; i < 2; i++)
		setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	client = (struct rig_client){.fd = pair[0]};
	buf_init(&client.in, 64 * MIB);
	ssl = SSL_new(client_tls);
	SSL_set_fd(ssl, client.fd);
	SSL_set_connect_state(ssl);
	assert_int_equal(http_server_listen(rig.server, pair[1], true, server_tls), 0);
}

static int set_up(void **state _unused_)
{
	start(NULL);
	return 0;
}

static int tear_down(void **state _unused_)
{
	SSL_free(ssl);
	rig_client_finish(&client);
	rig_finish(&rig);
	return 0;
}

static void shake_hands(void)
{
	for (int i = 0; i < 100 && SSL_do_handshake(ssl) != 1; i++)
		rig_step(&rig);
	assert_true(SSL_is_init_finished(ssl));
}

static void receive(void)
{
	for (;;) {
		char *at = buf_reserve(&client.in, 65536);
		int got = SSL_read(ssl, at, 65536);
		if (got <= 0)
			break;
		client.in.len += (size_t)got;
	}
	client.closed = SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN;
}

static void send_all(const char *data, size_t len)
{
	SSL_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE);
	for (size_t at = 0; at < len;) {
		int sent = SSL_write(ssl, data + at, (int)MIN_OF(len - at, (size_t)1000000));
		if (sent > 0) {
			at += (size_t)sent;
			continue;
		}
		rig_step(&rig);
		receive();
	}
}

static void send_text(const char *text)
{
	send_all(text, strlen(text));
}

/* rig_outcome reads the raw socket, which must stay ours: the text is looked at instead. */
static void expect_text(const char *text, size_t least_bytes)
{
	for (int i = 0; i < 20000; i++) {
		receive();
		if (client.in.len >= least_bytes && rig_came(&client, text))
			return;
		rig_step(&rig);
	}
	fail_msg("no '%s' in %zu bytes: %.*s", text, client.in.len,
		 (int)MIN_OF(client.in.len, 300u), client.in.data);
}

static void round_trip(void **state _unused_)
{
	shake_hands();
	send_text("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
	expect_text("\r\n\r\nPOST /echo? hello", 0);
	assert_int_equal(rig.lifeboat[0], LIFEBOAT_CLOSED);
}

static void large_bodies_both_ways(void **state _unused_)
{
	size_t bytes = 1000000;
	char *body = malloc(bytes);

	memset(body, 'z', bytes - 5);
	memcpy(body + bytes - 5, "the-end", 5);
	shake_hands();
	send_text("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
	send_all(body, bytes);
	expect_text("zzzthe-e", bytes);
	send_text(
	    "GET /owned?5000000 HTTP/1.1\r\nHost: a\r\n\r\nGET /bye HTTP/1.1\r\nHost: a\r\n\r\n");
	expect_text("\r\n\r\nbye", 6000000);
	receive();
	assert_true(client.closed);
	free(body);
}

/* Several requests in one record: epoll sees the bytes once, OpenSSL keeps them. */
static void pipelined_in_one_record(void **state _unused_)
{
	char requests[15000] = "";

	for (int i = 0; i < 300; i++)
		strcat(requests, "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
	strcat(requests,
	       "GET /later HTTP/1.1\r\nHost: a\r\n\r\nGET /echo?end HTTP/1.1\r\nHost: a\r\n\r\n");
	shake_hands();
	send_text(requests);
	for (int i = 0; i < 1000 && !rig.waiting_count; i++) {
		rig_step(&rig);
		receive();
	}
	assert_int_equal(rig.waiting_count, 1);
	assert_int_equal(rig.requests, 301);
	http_reply(rig.waiting[0], &(struct http_reply){.status = 204});
	rig.waiting_count = 0;
	expect_text("GET /echo?end ", 0);
}

/* The window has less room than the record has bytes: the rest stays in OpenSSL, epoll is silent.
 */
static void record_larger_than_the_window(void **state _unused_)
{
	static const char first[] = "GET /echo HTTP/1.1\r\n", last[] = "GET /echo?end HTTP/1.1\r\n";
	char record[16384 + 1], *at = record;

	at += sprintf(at, "Host: a\r\n\r\nGET /echo HTTP/1.1\r\nHost: a\r\nX-A: ");
	memset(at, 'a', (size_t)(record + sizeof(record) - 1 - at));
	sprintf(record + sizeof(record) - 1 - strlen(last) - 15, "\r\n\r\n%sHost: a\r\n\r\n", last);
	shake_hands();
	send_text(first);
	rig_step(&rig);
	send_all(record, sizeof(record) - 1);
	expect_text("GET /echo?end ", 0);
}

static void continue_and_chunks(void **state _unused_)
{
	shake_hands();
	send_text("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: "
		  "100-continue\r\n\r\n");
	expect_text("HTTP/1.1 100 Continue\r\n\r\n", 0);
	send_text("2\r\nhi\r\n0\r\n\r\n");
	expect_text("POST /echo? hi", 0);
}

static void client_that_leaves(void **state _unused_)
{
	shake_hands();
	send_text("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
	rig_run_ms(&rig, 5);
	assert_int_equal(rig.waiting_count, 1);
	rig_client_finish(&client);
	rig_run_ms(&rig, 5);
	assert_int_equal(rig.gone, 1);
	assert_int_equal(http_server_counters(rig.server)->open, 0);
}

static void plain_http_is_turned_away(void **state _unused_)
{
	rig_send_text(&rig, &client, "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
	rig_run_ms(&rig, 5);
	assert_int_equal(http_server_counters(rig.server)->open, 0);
	assert_int_equal(rig.requests, 0);
}

static void handshake_has_a_deadline(void **state _unused_)
{
	struct http_config config = rig_config;

	tear_down(NULL);
	config.header_time_ms = 50;
	start(&config);
	assert_int_equal(SSL_do_handshake(ssl), -1); /* the first flight only */
	rig_run_ms(&rig, 80);
	assert_int_equal(http_server_counters(rig.server)->open, 0);
}

static void old_protocols_are_refused(void **state _unused_)
{
	SSL_set_min_proto_version(ssl, TLS1_VERSION);
	SSL_set_max_proto_version(ssl, TLS1_1_VERSION);
	for (int i = 0; i < 10; i++) {
		assert_int_not_equal(SSL_do_handshake(ssl), 1);
		rig_step(&rig);
	}
	assert_int_equal(http_server_counters(rig.server)->open, 0);
}

static void tls_1_2_works(void **state _unused_)
{
	SSL_set_max_proto_version(ssl, TLS1_2_VERSION);
	shake_hands();
	send_text("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
	expect_text("GET /echo? ", 0);
}

static void bad_files_are_named(void **state _unused_)
{
	struct err err = {0};

	assert_null(http_tls_create("/nonexistent/cert.pem", key_path, &err));
	assert_int_equal(err.code, ERR_CONFIG);
	assert_non_null(strstr(err.text, "/nonexistent/cert.pem"));
	assert_null(http_tls_create(certificate_path, certificate_path, &err));
	assert_non_null(strstr(err.text, "key"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(round_trip),
	    TEST(large_bodies_both_ways),
	    TEST(pipelined_in_one_record),
	    TEST(record_larger_than_the_window),
	    TEST(continue_and_chunks),
	    TEST(client_that_leaves),
	    TEST(plain_http_is_turned_away),
	    TEST(handshake_has_a_deadline),
	    TEST(old_protocols_are_refused),
	    TEST(tls_1_2_works),
	    cmocka_unit_test(bad_files_are_named),
	};

	return cmocka_run_group_tests(tests, make_certificate, remove_certificate);
}
