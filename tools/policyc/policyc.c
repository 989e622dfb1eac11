/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seccomp compiler: policy text in, a C array of BPF out. Runs at build time only; names and
 * numbers of calls are libseccomp's.
 *
 * One rule a line, everything after # is its reason and must be there:
 *
 *   default ERRNO                                  what every call gets that no rule names
 *   allow NAME... [if COND [and COND]]  # reason
 *   deny ERRNO NAME... [if COND [and COND]]  # reason
 *
 *   COND   argN == VALUE | argN & MASK == VALUE | argN & MASK != 0
 *   VALUE  a number, a name of the table below, or several joined by |
 *   NAME   a system call, or name=number for one this libseccomp does not know yet
 *
 * Order of judgement, wherever the lines stand: conditional denials, then allowances, then
 * unconditional denials, then the default. So `allow socket if ...` with `deny EAFNOSUPPORT socket`
 * reads as it works. Calls by a foreign ABI (i386, x32) all get ENOSYS.
 *
 * An argument the kernel takes as int must be compared under the mask 0xffffffff in a denial: the
 * kernel ignores the upper half, a filter sees it.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "emit.h"

#define WORDS_MAX 64
#define RULES_MAX 256

struct constant {
	const char *name;
	uint64_t value;
};

#define C(name) {#name, (uint64_t)(name)}
static const struct constant constants[] = {
    C(AF_UNIX), C(AF_INET), C(AF_INET6), C(SOCK_STREAM), C(SOCK_DGRAM), C(SOCK_SEQPACKET),
    C(IPPROTO_TCP), C(IPPROTO_UDP), C(SOL_SOCKET), C(SOL_TCP), C(SO_ATTACH_FILTER),
    C(SO_ATTACH_REUSEPORT_CBPF), C(TCP_ULP), C(CLONE_NEWNS), C(CLONE_NEWCGROUP), C(CLONE_NEWUTS),
    C(CLONE_NEWIPC), C(CLONE_THREAD), C(CLONE_NEWUSER), C(CLONE_NEWPID), C(CLONE_NEWNET), C(TIOCSTI), C(TIOCLINUX),
    C(TIOCSETD), C(TIOCCONS), C(TIOCSWINSZ), C(PROT_EXEC), C(ADDR_NO_RANDOMIZE), C(SECCOMP_FILTER_FLAG_NEW_LISTENER),
    C(MSG_OOB),
};

static const struct constant errnos[] = {
    C(EPERM), C(ENOSYS), C(EAFNOSUPPORT), C(EPROTONOSUPPORT), C(EOPNOTSUPP), C(EACCES), C(EINVAL),
};
#undef C

static const char *file_name;
static unsigned line_number;
static struct rule rules[RULES_MAX];
static unsigned rule_count;
static struct judgement judgements[CALLS_MAX];
static uint32_t default_action; /* 0: not said yet */

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s:%u: ", file_name, line_number);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static bool constant_find(const struct constant *table, size_t len, const char *name,
			  uint64_t *ret_value)
{
	for (size_t i = 0; i < len; i++) {
		if (strcmp(table[i].name, name) == 0) {
			*ret_value = table[i].value;
			return true;
		}
	}
	return false;
}

static uint64_t parse_value(char *text)
{
	uint64_t sum = 0, value;
	char *end, *save = NULL;

	for (char *part = strtok_r(text, "|", &save); part; part = strtok_r(NULL, "|", &save)) {
		if (isdigit((unsigned char)part[0])) {
			value = strtoull(part, &end, 0);
			if (*end)
				die("'%s' is not a number", part);
		} else if (!constant_find(constants, sizeof(constants) / sizeof(*constants), part,
					  &value)) {
			die("unknown constant '%s'", part);
		}
		sum |= value;
	}
	return sum;
}

static uint32_t parse_errno(const char *name)
{
	uint64_t value;

	if (!name || !constant_find(errnos, sizeof(errnos) / sizeof(*errnos), name, &value))
		die("expected an errno, not '%s'", name ? name : "end of line");
	return SECCOMP_RET_ERRNO | (uint32_t)value;
}

/* What is between argN and the value: "==", "& MASK ==", "& MASK !=". */
static enum op parse_op(char **words, unsigned count, uint64_t *ret_mask)
{
	bool masked = strcmp(words[0], "&") == 0;
	const char *op = words[masked ? 2 : 0];

	if (masked && count < 3)
		die("after a mask only '== VALUE' or '!= 0'");
	*ret_mask = masked ? parse_value(words[1]) : UINT64_MAX;
	if (strcmp(op, "==") == 0)
		return OP_EQUAL;
	if (!masked || strcmp(op, "!=") != 0)
		die("unknown comparison '%s'", op);
	return OP_ANY;
}

/* Parses one condition at words[at]; returns the place after it. */
static unsigned parse_cond(struct rule *rule, char **words, unsigned count, unsigned at)
{
	struct cond *cond = &rule->conds[rule->cond_count];

	if (at + 3 > count || strncmp(words[at], "arg", 3) != 0 || rule->cond_count == CONDS_MAX)
		die("expected a condition 'argN == VALUE'");
	cond->arg = (unsigned)atoi(words[at] + 3);
	if (cond->arg >= ARGS)
		die("there is no '%s'", words[at]);
	cond->op = parse_op(words + at + 1, count - at - 1, &cond->mask);
	at += strcmp(words[at + 1], "&") == 0 ? 4 : 2;
	if (at >= count)
		die("a comparison without a value");
	cond->value = parse_value(words[at]);
	if (cond->op == OP_ANY && cond->value != 0)
		die("after a mask only '== VALUE' or '!= 0'");
	if (cond->value & ~cond->mask)
		die("the value has bits that the mask takes away");
	rule->cond_count++;
	return at + 1;
}

static void parse_conds(struct rule *rule, char **words, unsigned count, unsigned at)
{
	for (;;) {
		at = parse_cond(rule, words, count, at);
		if (at == count)
			return;
		if (strcmp(words[at++], "and") != 0)
			die("expected 'and', not '%s'", words[at - 1]);
	}
}

/* The number of a call, or -1 when this architecture does not have it. */
static int resolve(char *name)
{
	char *number = strchr(name, '=');
	char *end = NULL;

	if (number) {
		*number++ = '\0';
		int given = (int)strtol(number, &end, 10),
		    known = seccomp_syscall_resolve_name(name);
		if (*end || (known >= 0 && known != given))
			die("%s is not system call %s", name, number);
		return given;
	}
	int nr = seccomp_syscall_resolve_name(name);
	if (nr == __NR_SCMP_ERROR)
		die("unknown system call '%s' (write name=number if it is newer than libseccomp)",
		    name);
	return nr < 0 ? -1 : nr;
}

/* The order of judgement is kept by where a rule's kind goes. */
static void add_call(const struct rule *rule, int nr, const char *name)
{
	struct judgement *judgement = &judgements[nr];
	bool allow = rule->action == SECCOMP_RET_ALLOW;

	if (!rule->cond_count) {
		if (judgement->decided && !allow && judgement->action != SECCOMP_RET_ALLOW)
			die("%s: is denied twice", name);
		if (!judgement->decided || allow)
			judgement->action = rule->action;
		judgement->decided = true;
		return;
	}
	if (judgement->count == JUDGEMENT_RULES)
		die("%s: too many conditions", name);
	unsigned at = allow ? judgement->count : judgement->denials++;
	memmove(&judgement->rules[at + 1], &judgement->rules[at], (judgement->count - at) * sizeof(*judgement->rules));
	judgement->rules[at] = rule;
	judgement->count++;
}

static void parse_rule(char **words, unsigned count, const char *reason)
{
	struct rule *rule = &rules[rule_count++];
	bool allow = strcmp(words[0], "allow") == 0;
	unsigned at = 1, conds;

	if (rule_count == RULES_MAX)
		die("too many rules");
	if (!reason || !*reason)
		die("every rule needs a reason: '# why'");
	rule->action = allow ? SECCOMP_RET_ALLOW : parse_errno(count > at ? words[at++] : NULL);
	for (conds = at; conds < count && strcmp(words[conds], "if") != 0; conds++)
		;
	if (conds == at)
		die("a rule names at least one system call");
	if (conds < count)
		parse_conds(rule, words, count, conds + 1);
	for (; at < conds; at++) {
		int nr = resolve(words[at]);
		if (nr >= CALLS_MAX)
			die("%s: no system call has the number %d", words[at], nr);
		if (nr >= 0)
			add_call(rule, nr, words[at]);
	}
}

static void parse_line(char *line)
{
	char *words[WORDS_MAX], *save = NULL, *reason = strchr(line, '#');
	unsigned count = 0;

	if (reason) {
		*reason++ = '\0';
		reason += strspn(reason, " \t\n");
	}
	for (char *word = strtok_r(line, " \t\n", &save); word;
	     word = strtok_r(NULL, " \t\n", &save)) {
		if (count == WORDS_MAX)
			die("too many words");
		words[count++] = word;
	}
	if (!count)
		return;
	if (strcmp(words[0], "default") == 0) {
		if (default_action)
			die("a policy has one default");
		default_action = parse_errno(count == 2 ? words[1] : NULL);
		return;
	}
	if (!default_action)
		die("the policy must begin with 'default ERRNO'");
	if (strcmp(words[0], "allow") != 0 && strcmp(words[0], "deny") != 0)
		die("unknown word '%s'", words[0]);
	parse_rule(words, count, reason);
}

static void write_header(const char *path, const char *name)
{
	static struct sock_filter program[BPF_MAXINSNS];

	for (unsigned nr = 0; nr < CALLS_MAX; nr++)
		if (!judgements[nr].decided)
			judgements[nr].action = default_action;
	unsigned len = emit_program(judgements, default_action, program);
	FILE *out = len ? fopen(path, "w") : NULL;
	if (!out)
		die(len ? "cannot write %s" : "%s: the filter is longer than the kernel takes", path);
	fprintf(out, "/* Made from %s.policy by tools/policyc. */\n", name);
	fprintf(out, "static const struct sock_filter policy_%s[] = {\n", name);
	for (unsigned i = 0; i < len; i++)
		fprintf(out, "\t{0x%02x, %u, %u, 0x%08x},\n", program[i].code, program[i].jt, program[i].jf,
			program[i].k);
	fprintf(out, "};\n");
	if (fclose(out) != 0)
		die("cannot write %s", path);
}

int main(int argc, char **argv)
{
	char line[1024];

	if (argc != 4) {
		fprintf(stderr, "usage: policyc NAME INPUT.policy OUTPUT.h\n");
		return 2;
	}
	file_name = argv[2];
	FILE *in = fopen(argv[2], "r");
	if (!in)
		die("%s", strerror(errno));
	while (fgets(line, sizeof(line), in)) {
		line_number++;
		parse_line(line);
	}
	fclose(in);
	if (!default_action)
		die("the policy is empty");
	write_header(argv[3], argv[1]);
	return 0;
}
