/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A filter is installed for every run, and the kernel then asks it about every call there is, to remember those
 * that are allowed whatever their arguments are. So it is a balanced tree over ranges of calls that are judged
 * alike, with what looks at arguments behind it:
 *
 *   foreign ABI?     ENOSYS
 *   tree             jge START, right half / left half; a leaf is a verdict, or a jump to a block
 *   blocks           rule by rule: conditions, each of which jumps to the next rule when it does not hold; verdict
 */
#include "emit.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>

#define JUMP_MAX 255 /* of a condition; a jump of its own goes further */
#define X32_BIT	 0x40000000u
#define REFUSED	 (SECCOMP_RET_ERRNO | ENOSYS)

struct range {
	uint32_t start;
	const struct judgement *judgement;
	unsigned leaf; /* its instruction */
};

static struct range ranges[CALLS_MAX + 2];
static unsigned range_count;
static struct sock_filter code[BPF_MAXINSNS + 1]; /* whatever comes after the last one overwrites it */
static unsigned len;

/* --- instructions --- */

static void emit(uint16_t opcode, uint8_t jt, uint8_t jf, uint32_t k)
{
	code[len] = (struct sock_filter){opcode, jt, jf, k};
	if (len < BPF_MAXINSNS)
		len++;
}

static void emit_verdict(uint32_t action)
{
	emit(BPF_RET | BPF_K, 0, 0, action);
}

static void emit_load(size_t offset)
{
	emit(BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

/* --- the tree --- */

static bool judged_alike(const struct judgement *a, const struct judgement *b)
{
	return a->count == b->count && a->action == b->action &&
	       memcmp(a->rules, b->rules, a->count * sizeof(*a->rules)) == 0;
}

static void add_range(uint32_t start, const struct judgement *judgement)
{
	if (range_count == 0 || !judged_alike(ranges[range_count - 1].judgement, judgement))
		ranges[range_count++] = (struct range){.start = start, .judgement = judgement};
}

static unsigned tree_size(unsigned first, unsigned count)
{
	if (count == 1)
		return 1;
	unsigned left = tree_size(first, count / 2);
	return 1 + (left > JUMP_MAX) + left + tree_size(first + count / 2, count - count / 2);
}

static void emit_tree(unsigned first, unsigned count)
{
	struct range *middle = &ranges[first + count / 2];

	if (count == 1) {
		middle->leaf = len;
		emit_verdict(middle->judgement->action);
		return;
	}
	unsigned left = tree_size(first, count / 2);
	if (left > JUMP_MAX) {
		emit(BPF_JMP | BPF_JGE | BPF_K, 0, 1, middle->start);
		emit(BPF_JMP | BPF_JA, 0, 0, left);
	} else {
		emit(BPF_JMP | BPF_JGE | BPF_K, (uint8_t)left, 0, middle->start);
	}
	emit_tree(first, count / 2);
	emit_tree(first + count / 2, count - count / 2);
}

/* --- conditions --- */

/* Where the tests of a rule stand: who fails one goes on after the rule. */
struct tests {
	unsigned at[CONDS_MAX * 2], count;
};

static void emit_test(struct tests *tests, uint16_t test, uint32_t k)
{
	tests->at[tests->count++] = len;
	emit(BPF_JMP | test | BPF_K, 0, 0, k);
}

static void emit_equal_half(struct tests *tests, size_t offset, uint32_t mask, uint32_t value)
{
	if (!mask)
		return;
	emit_load(offset);
	if (mask != UINT32_MAX)
		emit(BPF_ALU | BPF_AND | BPF_K, 0, 0, mask);
	emit_test(tests, BPF_JEQ, value);
}

static void emit_cond(struct tests *tests, const struct cond *cond)
{
	size_t low = offsetof(struct seccomp_data, args) + cond->arg * sizeof(uint64_t), high = low;

	*(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? &high : &low) += sizeof(uint32_t);
	switch (cond->op) {
	case OP_EQUAL:
		emit_equal_half(tests, high, (uint32_t)(cond->mask >> 32), (uint32_t)(cond->value >> 32));
		emit_equal_half(tests, low, (uint32_t)cond->mask, (uint32_t)cond->value);
		return;
	case OP_ANY:
		emit_load(high);
		emit(BPF_JMP | BPF_JSET | BPF_K, 2, 0, (uint32_t)(cond->mask >> 32));
		emit_load(low);
		emit_test(tests, BPF_JSET, (uint32_t)cond->mask);
		return;
	}
}

static void emit_rule(const struct rule *rule)
{
	struct tests tests = {.count = 0};

	for (unsigned i = 0; i < rule->cond_count; i++)
		emit_cond(&tests, &rule->conds[i]);
	emit_verdict(rule->action);
	for (unsigned i = 0; i < tests.count; i++)
		code[tests.at[i]].jf = (uint8_t)(len - tests.at[i] - 1);
}

/* Behind the tree, once for all ranges that are judged alike; their leaves become jumps to it. */
static void emit_block(unsigned first)
{
	const struct judgement *judgement = ranges[first].judgement;

	for (unsigned i = first; i < range_count; i++)
		if (ranges[i].leaf && judged_alike(ranges[i].judgement, judgement)) {
			code[ranges[i].leaf] =
			    (struct sock_filter){BPF_JMP | BPF_JA, 0, 0, len - ranges[i].leaf - 1};
			ranges[i].leaf = 0;
		}
	for (unsigned i = 0; i < judgement->count; i++)
		emit_rule(judgement->rules[i]);
	emit_verdict(judgement->action);
}

unsigned emit_program(const struct judgement *calls, uint32_t otherwise, struct sock_filter *program)
{
	static struct judgement unknown, foreign = {.action = REFUSED};
	uint32_t arch = seccomp_arch_native(); /* its values are those of AUDIT_ARCH_* */

	unknown.action = otherwise;
	for (uint32_t nr = 0; nr < CALLS_MAX; nr++)
		add_range(nr, &calls[nr]);
	add_range(CALLS_MAX, &unknown);
	if (arch == SCMP_ARCH_X86_64)
		add_range(X32_BIT, &foreign);
	emit_load(offsetof(struct seccomp_data, arch));
	emit(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, arch);
	emit_verdict(REFUSED);
	emit_load(offsetof(struct seccomp_data, nr));
	emit_tree(0, range_count);
	for (unsigned i = 0; i < range_count; i++)
		if (ranges[i].judgement->count && ranges[i].leaf)
			emit_block(i);
	if (len == BPF_MAXINSNS)
		return 0;
	memcpy(program, code, len * sizeof(*code));
	return len;
}
