/* SPDX-License-Identifier: Apache-2.0 */
/* Words and numbers in a text. */
#ifndef SG_JUDGE_TOKEN_H
#define SG_JUDGE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

static inline bool token_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r';
}

static inline bool token_is_space(char c)
{
	return token_is_blank(c) || c == '\n';
}

/* The word at or behind *at, which is moved past it; {NULL, 0}: there is no more. */
struct slice token_next(struct slice text, size_t *at);

/*
 * All of word as a number in decimal ("-1", "1.5e-3", ".5") or one of inf, infinity and nan with or
 * without a sign, in any case. False: it is none, or longer than COMPARE_WORD_BYTES.
 */
bool token_number(struct slice word, double *ret_number);

#endif
