/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes a client may send, and what becomes of them: each row delivered whole, byte by byte, and
 * cut in two at every place; with a body that is kept whole and with one that is taken as it comes.
 * The request-smuggling shapes are all here.
 */
#define _GNU_SOURCE
#include "tests/unit/http/rig.h"

#include <stdio.h>

#include "tests/unit/unit.h"

#define HOST	"Host: a\r\n"
#define GET	"GET /echo HTTP/1.1\r\n" HOST
#define POST	"POST /echo HTTP/1.1\r\n" HOST
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
#define REFUSED "400 close"

struct shape {
	const char *name;
	struct slice bytes;
	const char *outcome;
	const char *body; /* somewhere in what comes back; NULL: not looked for */
};

#define SHAPE(name, bytes, outcome, body)                                                          \
	{                                                                                          \
		name, {bytes, sizeof(bytes) - 1}, outcome, body                                    \
	}

static const struct shape shapes[] = {
    /* what must work */
    SHAPE("get", GET "\r\n", "200", "GET /echo? "),
    SHAPE("query", "GET /echo?a=b?c HTTP/1.1\r\n" HOST "\r\n", "200", "GET /echo?a=b?c "),
    SHAPE("empty query", "GET /echo? HTTP/1.1\r\n" HOST "\r\n", "200", "GET /echo? "),
    SHAPE("post", POST "Content-Length: 5\r\n\r\nhello", "200", "POST /echo? hello"),
    SHAPE("post nothing", POST "Content-Length: 0\r\n\r\n", "200", "POST /echo? "),
    SHAPE("post without length", POST "\r\n", "200", "POST /echo? "),
    SHAPE("leading zeros", POST "Content-Length: 0005\r\n\r\nhello", "200", "hello"),
    SHAPE("get with body", GET "Content-Length: 2\r\n\r\nhi", "200", "GET /echo? hi"),
    SHAPE("empty header value", GET "X-A:\r\nX-B: \r\n\r\n", "200", NULL),
    SHAPE("tabs around value", GET "X-A:\tb \t\r\nContent-Length:\t2 \r\n\r\nhi", "200", "hi"),
    SHAPE("no space behind colon", GET "Content-Length:2\r\n\r\nhi", "200", "hi"),
    SHAPE("obs-text in value", GET "X-A: \xe4\xff\r\n\r\n", "200", NULL),
    SHAPE("empty host", "GET /echo HTTP/1.1\r\nHost:\r\n\r\n", "200", NULL),
    SHAPE("host with port", "GET /echo HTTP/1.1\r\nhOST: [::1]:80\r\n\r\n", "200", NULL),
    SHAPE("one empty line in front", "\r\n" GET "\r\n", "200", NULL),
    SHAPE("upgrade is ignored", GET "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n" GET "\r\n",
	  "200 200", NULL),
    SHAPE("trace", "TRACE /echo HTTP/1.1\r\n" HOST "\r\n", "200", "OTHER /echo"),
    SHAPE("204", "GET /empty HTTP/1.1\r\n" HOST "\r\n" GET "\r\n", "204 200", NULL),
    SHAPE("not found", "GET /nowhere HTTP/1.1\r\n" HOST "\r\n", "404", NULL),

    /* how long a connection lives */
    SHAPE("three at once", GET "\r\n" POST "Content-Length: 1\r\n\r\n1" GET "\r\n", "200 200 200",
	  NULL),
    SHAPE("client closes", GET "Connection: close\r\n\r\n" GET "\r\n", "200 close",
	  "Connection: close"),
    SHAPE("handler closes", "GET /bye HTTP/1.1\r\n" HOST "\r\n" GET "\r\n", "200 close", NULL),
    SHAPE("HTTP/1.0 closes", "GET /echo HTTP/1.0\r\n" HOST "\r\n", "200 close", NULL),
    SHAPE("HTTP/1.0 without host", "GET /echo HTTP/1.0\r\n\r\n", "200 close", NULL),
    SHAPE("HTTP/1.0 stays", "GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" GET "\r\n",
	  "200 200", "Connection: keep-alive"),

    /* chunked bodies */
    SHAPE("chunked", CHUNKED "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "200", "? hello world"),
    SHAPE("chunked, nothing", CHUNKED "0\r\n\r\n" GET "\r\n", "200 200", NULL),
    SHAPE("chunked, then another", CHUNKED "1\r\na\r\n0\r\n\r\n" GET "\r\n", "200 200",
	  "POST /echo? a"),
    SHAPE("chunk size in either case", CHUNKED "a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n",
	  "200", "? 01234567890123456789a"),
    SHAPE("chunk size with zeros", CHUNKED "0005\r\nhello\r\n000\r\n\r\n", "200", "? hello"),
    SHAPE("Chunked in any case", POST "Transfer-Encoding: CHUNKED\r\n\r\n1\r\na\r\n0\r\n\r\n",
	  "200", "? a"),
    SHAPE("chunk extension", CHUNKED "5;a=b;c=\"d\"\r\nhello\r\n0;x\r\n\r\n", "200", "? hello"),
    SHAPE("trailers are dropped", CHUNKED "1\r\na\r\n0\r\nX-A: b\r\nX-C: d\r\n\r\n" GET "\r\n",
	  "200 200", "? a"),
    SHAPE("chunk size 0x5", CHUNKED "0x5\r\nhello\r\n0\r\n\r\n", REFUSED, NULL),
    SHAPE("chunk size +5", CHUNKED "+5\r\nhello\r\n0\r\n\r\n", REFUSED, NULL),
    SHAPE("chunk size -5", CHUNKED "-5\r\nhello\r\n0\r\n\r\n", REFUSED, NULL),
    SHAPE("chunk size missing", CHUNKED "\r\nhello\r\n0\r\n\r\n", REFUSED, NULL),
    SHAPE("chunk size with space", CHUNKED "5 \r\nhello\r\n0\r\n\r\n", REFUSED, NULL),
    SHAPE("chunk size behind space", CHUNKED " 5\r\nhello\r\n0\r\n\r\n", REFUSED, NULL),
    SHAPE("chunk size with underscore", CHUNKED "0_5\r\nhello\r\n0\r\n\r\n", REFUSED, NULL),
    SHAPE("chunk size of 2^64 + 5", CHUNKED "10000000000000005\r\nhello\r\n0\r\n\r\n", REFUSED,
	  NULL),
    SHAPE("chunk size of 2^64 - 1", CHUNKED "ffffffffffffffff\r\nhello", "413 close", NULL),
    SHAPE("chunk size over the maximum", CHUNKED "100001\r\n", "413 close", NULL),
    SHAPE("chunks over the maximum", CHUNKED "1\r\na\r\n100000\r\n", "413 close", NULL),
    SHAPE("chunk line ends in LF", CHUNKED "5\nhello\r\n0\r\n\r\n", REFUSED, NULL),
    SHAPE("chunk line ends in CR", CHUNKED "5\rhello\r\n0\r\n\r\n", REFUSED, NULL),
    SHAPE("chunk extension holds LF", CHUNKED "5;a\nb\r\nhello\r\n0\r\n\r\n", REFUSED, NULL),
    SHAPE("chunk extension holds NUL", CHUNKED "5;a=\0\r\nhello\r\n0\r\n\r\n", REFUSED, NULL),
    SHAPE("chunk data ends in LF", CHUNKED "5\r\nhello\n0\r\n\r\n", REFUSED, NULL),
    SHAPE("chunk data is longer", CHUNKED "5\r\nhello!\r\n0\r\n\r\n", REFUSED, NULL),
    SHAPE("chunk data is not ended", CHUNKED "5\r\nhello0\r\n\r\n", REFUSED, NULL),
    SHAPE("last chunk ends in LF", CHUNKED "0\n\r\n", REFUSED, NULL),
    SHAPE("trailer ends in LF", CHUNKED "0\r\nX-A: b\n\r\n", REFUSED, NULL),
    SHAPE("trailers end in LF", CHUNKED "0\r\nX-A: b\r\n\n", REFUSED, NULL),
    SHAPE("trailer is folded", CHUNKED "0\r\nX-A: b\r\n c\r\n\r\n", REFUSED, NULL),
    SHAPE("trailer without colon", CHUNKED "0\r\nX-A\r\n\r\n", REFUSED, NULL),
    SHAPE("trailer with length", CHUNKED "0\r\nContent-Length: 5\r\n\r\n", REFUSED, NULL),

    /* two readings of where a body ends */
    SHAPE("two lengths", POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", REFUSED,
	  NULL),
    SHAPE("two equal lengths", POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", REFUSED,
	  NULL),
    SHAPE("length list", POST "Content-Length: 5, 5\r\n\r\nhello", REFUSED, NULL),
    SHAPE("length and chunked",
	  POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", REFUSED, NULL),
    SHAPE("chunked and length",
	  POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", REFUSED, NULL),
    SHAPE("length 0 and chunked",
	  POST "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", REFUSED, NULL),
    SHAPE("length +5", POST "Content-Length: +5\r\n\r\nhello", REFUSED, NULL),
    SHAPE("length -1", POST "Content-Length: -1\r\n\r\n", REFUSED, NULL),
    SHAPE("length 5a", POST "Content-Length: 5a\r\n\r\nhello", REFUSED, NULL),
    SHAPE("length 0x5", POST "Content-Length: 0x5\r\n\r\nhello", REFUSED, NULL),
    SHAPE("length 5 5", POST "Content-Length: 5 5\r\n\r\nhello", REFUSED, NULL),
    SHAPE("length 5.0", POST "Content-Length: 5.0\r\n\r\nhello", REFUSED, NULL),
    SHAPE("length empty", POST "Content-Length:\r\n\r\n", REFUSED, NULL),
    SHAPE("length of 16 digits", POST "Content-Length: 0000000000000005\r\n\r\nhello", REFUSED,
	  NULL),
    SHAPE("length of 2^64", POST "Content-Length: 18446744073709551616\r\n\r\n", REFUSED, NULL),
    SHAPE("length with fullwidth digit", POST "Content-Length: \xef\xbc\x95\r\n\r\nhello", REFUSED,
	  NULL),
    SHAPE("encoding identity", POST "Transfer-Encoding: identity\r\n\r\n", REFUSED, NULL),
    SHAPE("encoding gzip, chunked", POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
	  REFUSED, NULL),
    SHAPE("encoding chunked, gzip", POST "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
	  REFUSED, NULL),
    SHAPE("encoding chunked twice", POST "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
	  REFUSED, NULL),
    SHAPE("encoding chunked, nothing", POST "Transfer-Encoding: chunked,\r\n\r\n0\r\n\r\n", REFUSED,
	  NULL),
    SHAPE("encoding xchunked", POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", REFUSED, NULL),
    SHAPE("encoding \"chunked\"", POST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", REFUSED,
	  NULL),
    SHAPE("encoding chunked;a", POST "Transfer-Encoding: chunked;a\r\n\r\n0\r\n\r\n", REFUSED,
	  NULL),
    SHAPE("encoding empty", POST "Transfer-Encoding:\r\n\r\n", REFUSED, NULL),
    SHAPE("two encodings",
	  POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", REFUSED,
	  NULL),
    SHAPE("encoding with VT", POST "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n", REFUSED, NULL),
    SHAPE("encoding in HTTP/1.0",
	  "POST /echo HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", REFUSED,
	  NULL),

    /* two readings of where a line ends */
    SHAPE("request line ends in LF", "GET /echo HTTP/1.1\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("header ends in LF", "GET /echo HTTP/1.1\r\nHost: a\nX-A: b\r\n\r\n", REFUSED, NULL),
    SHAPE("head ends in LF", GET "\n", REFUSED, NULL),
    SHAPE("head ends in CR LF LF", GET "X-A: b\r\n\n", REFUSED, NULL),
    SHAPE("all lines end in LF", "GET /echo HTTP/1.1\nHost: a\n\n", REFUSED, NULL),
    SHAPE("CR in a value", GET "X-A: b\rc\r\n\r\n", REFUSED, NULL),
    SHAPE("CR CR LF", GET "X-A: b\r\r\n\r\n", REFUSED, NULL),
    SHAPE("CR ends a header", "GET /echo HTTP/1.1\r\nHost: a\rX-A: b\r\n\r\n", REFUSED, NULL),
    SHAPE("folded header", GET "X-A: b\r\n c\r\n\r\n", REFUSED, NULL),
    SHAPE("folded with tab", GET "X-A: b\r\n\tc\r\n\r\n", REFUSED, NULL),
    SHAPE("folded length", POST "Content-Length:\r\n 5\r\n\r\nhello", REFUSED, NULL),
    SHAPE("white space before the first header", "GET /echo HTTP/1.1\r\n Host: a\r\n\r\n", REFUSED,
	  NULL),
    SHAPE("two empty lines in front", "\r\n\r\n" GET "\r\n", REFUSED, NULL),
    SHAPE("LF in front", "\n" GET "\r\n", REFUSED, NULL),

    /* header lines */
    SHAPE("space before colon", POST "Content-Length : 5\r\n\r\nhello", REFUSED, NULL),
    SHAPE("tab before colon", POST "Content-Length\t: 5\r\n\r\nhello", REFUSED, NULL),
    SHAPE("space in a name", GET "X A: b\r\n\r\n", REFUSED, NULL),
    SHAPE("name missing", GET ": b\r\n\r\n", REFUSED, NULL),
    SHAPE("colon missing", GET "X-A\r\n\r\n", REFUSED, NULL),
    SHAPE("parenthesis in a name", GET "X(A): b\r\n\r\n", REFUSED, NULL),
    SHAPE("high byte in a name", GET "X-\xe4: b\r\n\r\n", REFUSED, NULL),
    SHAPE("NUL in a name", GET "X-\0A: b\r\n\r\n", REFUSED, NULL),
    SHAPE("NUL in a value", GET "X-A: b\0c\r\n\r\n", REFUSED, NULL),
    SHAPE("control in a value", GET "X-A: b\x01\r\n\r\n", REFUSED, NULL),
    SHAPE("DEL in a value", GET "X-A: b\x7f\r\n\r\n", REFUSED, NULL),
    SHAPE("VT before a value", GET "X-A:\vb\r\n\r\n", REFUSED, NULL),
    SHAPE("no host", "GET /echo HTTP/1.1\r\n\r\n", REFUSED, NULL),
    SHAPE("two hosts", GET "Host: b\r\n\r\n", REFUSED, NULL),
    SHAPE("two equal hosts", GET HOST "\r\n", REFUSED, NULL),
    SHAPE("two hosts in HTTP/1.0", "GET /echo HTTP/1.0\r\n" HOST HOST "\r\n", REFUSED, NULL),
    SHAPE("host list", "GET /echo HTTP/1.1\r\nHost: a, b\r\n\r\n", REFUSED, NULL),
    SHAPE("host with path", "GET /echo HTTP/1.1\r\nHost: a/b\r\n\r\n", REFUSED, NULL),
    SHAPE("host with user", "GET /echo HTTP/1.1\r\nHost: u@a\r\n\r\n", REFUSED, NULL),
    SHAPE("other expectation", POST "Content-Length: 1\r\nExpect: tea\r\n\r\n1", "417 close", NULL),

    /* request lines */
    SHAPE("HTTP/0.9", "GET /echo\r\n\r\n", REFUSED, NULL),
    SHAPE("HTTP/0.9 by number", "GET /echo HTTP/0.9\r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("HTTP/0.9 with LF", "GET /echo HTTP/0.9\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("HTTP/1.2", "GET /echo HTTP/1.2\r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("HTTP/2.0", "GET /echo HTTP/2.0\r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", REFUSED, NULL),
    SHAPE("HTTP/01.1", "GET /echo HTTP/01.1\r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("HTTP/1.10", "GET /echo HTTP/1.10\r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("HTTP/1,1", "GET /echo HTTP/1,1\r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("http/1.1", "GET /echo http/1.1\r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("version missing", "GET /echo \r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("version with space", "GET /echo HTTP/1.1 \r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("RTSP", "GET /echo RTSP/1.0\r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("RTSP method", "DESCRIBE /echo HTTP/1.1\r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("ICE", "SOURCE /echo ICE/1.0\r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("unknown method", "BREW /echo HTTP/1.1\r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("small method", "get /echo HTTP/1.1\r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("no method", " /echo HTTP/1.1\r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("two spaces", "GET  /echo HTTP/1.1\r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("two spaces behind", "GET /echo  HTTP/1.1\r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("tab for space", "GET\t/echo\tHTTP/1.1\r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("space in the target", "GET /echo me HTTP/1.1\r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("absolute form", "GET http://a/echo HTTP/1.1\r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("authority form", "CONNECT a:80 HTTP/1.1\r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("asterisk form", "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("relative target", "GET echo HTTP/1.1\r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("query alone", "GET ?a HTTP/1.1\r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("fragment", "GET /echo#a HTTP/1.1\r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("high byte in the target", "GET /\xc3\xa4 HTTP/1.1\r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("NUL in the target", "GET /a\0b HTTP/1.1\r\n" HOST "\r\n", REFUSED, NULL),
    SHAPE("TLS on the plain port", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", REFUSED, NULL),
    SHAPE("SSH", "SSH-2.0-OpenSSH_9.2\r\n\r\n", REFUSED, NULL),

    /* after a refusal nothing is read as a request any more */
    SHAPE("smuggled",
	  POST "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" GET "\r\n",
	  REFUSED, NULL),
    SHAPE("good, bad, good",
	  GET "\r\n"
	      "GET /echo\r\n\r\n" GET "\r\n",
	  "200 400 close", NULL),
};

static void replace(char *text, size_t len)
{
	for (char *at = text; (at = memmem(at, len - (size_t)(at - text), "/echo", 5));)
		memcpy(at, "/take", 5);
}

static void deliver_to(const struct shape *shape, size_t step, size_t first)
{
	struct rig rig;
	struct rig_client client;

	rig_start(&rig, NULL);
	rig_connect(&rig, &client);
	for (size_t at = 0; at < shape->bytes.len;) {
		size_t n = MIN_OF(at == 0 && first ? first : step, shape->bytes.len - at);
		rig_send(&rig, &client, shape->bytes.data + at, n);
		rig_step(&rig);
		at += n;
	}
	if (!rig_reaches(&rig, &client, shape->outcome, false) ||
	    (shape->body && !rig_came(&client, shape->body)))
		fail_msg("%s: %s, not %s: %.*s", shape->name, rig_outcome(&client, false),
			 shape->outcome, (int)client.in.len, client.in.data);
	rig_client_finish(&client);
	rig_finish(&rig);
}

/* And the same to a handler that takes bodies as they come; which may be larger there. */
static void deliver(const struct shape *shape, size_t step, size_t first)
{
	struct shape taken = *shape;
	char bytes[1024], body[256];

	deliver_to(shape, step, first);
	if (strncmp(shape->outcome, "413", 3) == 0)
		return;
	assert_in_range(shape->bytes.len, 0, sizeof(bytes));
	memcpy(bytes, shape->bytes.data, shape->bytes.len);
	replace(bytes, shape->bytes.len);
	taken.bytes.data = bytes;
	if (shape->body) {
		snprintf(body, sizeof(body), "%s", shape->body);
		replace(body, strlen(body));
		taken.body = body;
	}
	deliver_to(&taken, step, first);
}

static void deliver_whole(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		deliver(&shapes[i], SIZE_MAX, 0);
}

static void deliver_by_bytes(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		deliver(&shapes[i], 1, 0);
}

static void deliver_in_two(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		for (size_t cut = 1; cut < shapes[i].bytes.len; cut++)
			deliver(&shapes[i], SIZE_MAX, cut);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(deliver_whole),
	    cmocka_unit_test(deliver_by_bytes),
	    cmocka_unit_test(deliver_in_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
