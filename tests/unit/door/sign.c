/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of webhooks: the example of Standard Webhooks, and secrets that are plain text. */
#include "tests/unit/unit.h"

#include "base/err.h"
#include "door/sign.h"

static const char id[] = "msg_p5jXN8AQM9LWM0D4loKWxJek", body[] = "{\"test\": 2432232314}";
#define TIME_S 1614265330

static void secrets_sign_as_others_do(void **state _unused_)
{
	static const struct {
		const char *secret, *signature;
	} rows[] = {
	    {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
	     "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
	    {"plain", "v1,tgOMx2V+ymftc5zrV4Kwy5UOWZAx1XMh0yu4Sm/6/r0="},
	};
	char out[SIGNATURE_BYTES];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(
		    sign_webhook(out, slice_from(rows[i].secret), id, TIME_S, slice_from(body)), 0);
		assert_string_equal(out, rows[i].signature);
	}
}

static void what_is_no_secret_signs_nothing(void **state _unused_)
{
	char out[SIGNATURE_BYTES];

	assert_int_not_equal(sign_webhook(out, slice_from("whsec_!"), id, TIME_S, slice_from(body)),
			     0);
	assert_int_not_equal(
	    sign_webhook(out, slice_from("whsec_"), id, TIME_S + 1, slice_from("")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(secrets_sign_as_others_do),
	    cmocka_unit_test(what_is_no_secret_signs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
