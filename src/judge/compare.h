/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compares the output of a program with what was expected, as it comes: nothing of it is kept but a
 * few bytes around the first difference, so a test costs the same memory whatever it writes.
 */
#ifndef SG_JUDGE_COMPARE_H
#define SG_JUDGE_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum compare_how {
	COMPARE_EXACT,	  /* every byte */
	COMPARE_TRAILING, /* but white space at the end of lines and empty lines at the end */
	COMPARE_TOKENS,	  /* words, whatever is between them */
	COMPARE_FLOAT,	  /* words; numbers may differ a little */
	COMPARE_HOW_COUNT
};

/* Numbers are equal if they differ by no more than absolute, or than relative times the expected
 * one. */
struct compare_rule {
	enum compare_how how;
	double absolute, relative;
};

/* White space of all of these: " \t\n\v\f\r". */

#define COMPARE_SHOWN_BYTES  64	  /* of each side of a difference */
#define COMPARE_BEFORE_BYTES 24	  /* of them in front of it */
#define COMPARE_WORD_BYTES   1024 /* a longer word is no number */

/* The line or word that differs, or as much of it as fits. */
struct excerpt {
	bool there; /* false: the text has ended before */
	char text[COMPARE_SHOWN_BYTES];
	size_t len;
};

struct difference {
	bool found;
	uint64_t line,
	    column;	/* in the output, from 1, columns in bytes: of the byte or of the word */
	uint64_t token; /* which word, from 1; 0: bytes were compared */
	struct excerpt expected, got;
};

struct compare {
	struct compare_rule rule;
	struct slice expected;
	size_t at;	       /* so much of it has been found */
	uint64_t line, column; /* of the output's next byte */
	struct difference difference;
	bool showing; /* the rest of the line that differs is still to come */
	/* trailing: white space that is equal so far, if it turns out to count, and what came
	 * before it on the line */
	size_t ahead;
	bool same;
	char before[COMPARE_BEFORE_BYTES];
	size_t before_count;
	/* tokens and float: the word at hand, and that of expected which it has to be */
	char word[COMPARE_WORD_BYTES];
	size_t word_len;     /* 0: between words; may be more than is kept */
	struct slice wanted; /* data NULL: there is none */
	uint64_t word_line, word_column, token;
};

/* expected must stay. */
void compare_begin(struct compare *compare, const struct compare_rule *rule, struct slice expected);
void compare_feed(struct compare *compare, struct slice data);
/* The output has ended: true if it is what was expected, else compare->difference is found. */
bool compare_end(struct compare *compare);

#endif
