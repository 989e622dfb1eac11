/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy says of each system call, and the BPF that says it to the kernel. */
#ifndef SG_POLICYC_EMIT_H
#define SG_POLICYC_EMIT_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

#define CALLS_MAX	1024 /* what is above gets the default, or ENOSYS where it is a foreign ABI's */
#define ARGS		6
#define CONDS_MAX	6
#define JUDGEMENT_RULES 32

enum op {
	OP_EQUAL, /* arg & mask == value */
	OP_ANY,	  /* arg & mask != 0 */
};

struct cond {
	enum op op;
	unsigned arg;
	uint64_t mask, value;
};

struct rule {
	uint32_t action; /* SECCOMP_RET_* */
	struct cond conds[CONDS_MAX]; /* all of them */
	unsigned cond_count;
};

/* Of one call: the first rule whose conditions hold, or action. */
struct judgement {
	const struct rule *rules[JUDGEMENT_RULES];
	unsigned count, denials; /* denials: the first of them */
	uint32_t action;
	bool decided; /* action was given by a rule */
};

/*
 * The filter for calls[CALLS_MAX] and the architecture this was built for, into program[BPF_MAXINSNS]. Returns how
 * many instructions it has, 0 when they do not fit.
 */
unsigned emit_program(const struct judgement *calls, uint32_t otherwise, struct sock_filter *program);

#endif
