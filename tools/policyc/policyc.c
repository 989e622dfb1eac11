/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seccomp compiler: policy text in, a C array of BPF out. Runs at build time only, so that
 * nothing of libseccomp is in a privileged process.
 *
 * One rule a line, everything after # is its reason and must be there:
 *
 *   default ERRNO                                  what every call gets that no rule names
 *   allow NAME... [if COND [and COND]]  # reason
 *   deny ERRNO NAME... [if COND [and COND]]  # reason
 *
 *   COND   argN == VALUE | argN > VALUE | argN & MASK == VALUE | argN & MASK != 0
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
#include <unistd.h>

#define WORDS_MAX    64
#define CONDS_MAX    6
#define PROGRAM_MAX  4096 /* BPF_MAXINSNS */
#define CONTINUE_TAG 0x5347
/* A verdict no policy can ask for; in the exported program it marks "ask the next stage". */
#define CONTINUE     SCMP_ACT_TRACE(CONTINUE_TAG)

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

enum stage { STAGE_DENY_IF, STAGE_ALLOW, STAGE_DENY, STAGE_COUNT };

struct rule {
	uint32_t action;
	unsigned cond_count;
	struct scmp_arg_cmp conds[CONDS_MAX];
	uint64_t any_mask; /* `& MASK != 0`: one rule for each bit */
	unsigned any_arg;
	char *calls[WORDS_MAX];
	unsigned call_count;
};

static const char *file_name;
static unsigned line_number;
static scmp_filter_ctx stages[STAGE_COUNT];
static uint32_t default_action;

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
	return SCMP_ACT_ERRNO((uint16_t)value);
}

/* Parses one condition at words[at]; returns the place after it. */
static unsigned parse_cond(struct rule *rule, char **words, unsigned count, unsigned at)
{
	struct scmp_arg_cmp *cmp = &rule->conds[rule->cond_count];

	if (at + 3 > count || strncmp(words[at], "arg", 3) != 0 || rule->cond_count == CONDS_MAX)
		die("expected a condition 'argN == VALUE'");
	*cmp = (struct scmp_arg_cmp){.arg = (unsigned)atoi(words[at] + 3)};
	if (strcmp(words[at + 1], "&") == 0) {
		if (at + 5 > count)
			die("expected 'argN & MASK == VALUE'");
		uint64_t mask = parse_value(words[at + 2]), value = parse_value(words[at + 4]);
		if (strcmp(words[at + 3], "!=") == 0 && value == 0 && !rule->any_mask) {
			rule->any_mask = mask;
			rule->any_arg = cmp->arg;
			return at + 5;
		}
		if (strcmp(words[at + 3], "==") != 0)
			die("after a mask only '== VALUE' or '!= 0'");
		*cmp = (struct scmp_arg_cmp){cmp->arg, SCMP_CMP_MASKED_EQ, mask, value};
		rule->cond_count++;
		return at + 5;
	}
	cmp->op = strcmp(words[at + 1], "==") == 0 ? SCMP_CMP_EQ : SCMP_CMP_GT;
	if (cmp->op == SCMP_CMP_GT && strcmp(words[at + 1], ">") != 0)
		die("unknown comparison '%s'", words[at + 1]);
	cmp->datum_a = parse_value(words[at + 2]);
	rule->cond_count++;
	return at + 3;
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

static void add_rule(enum stage stage, const struct rule *rule, int nr, const char *name)
{
	int rc = seccomp_rule_add_exact_array(stages[stage], rule->action, nr, rule->cond_count,
	                                      rule->conds);
	if (rc < 0)
		die("%s: %s", name, strerror(-rc));
}

static void add_call(enum stage stage, struct rule *rule, char *name)
{
	int nr = resolve(name);

	/* A denial that is the default anyway only documents; libseccomp refuses it. */
	if (nr < 0 || (stage == STAGE_DENY && rule->action == default_action))
		return;
	if (!rule->any_mask) {
		add_rule(stage, rule, nr, name);
		return;
	}
	for (unsigned bit = 0; bit < 64; bit++) {
		struct rule one = *rule;
		uint64_t value = UINT64_C(1) << bit;
		if (!(rule->any_mask & value))
			continue;
		one.conds[one.cond_count++] =
		    (struct scmp_arg_cmp){rule->any_arg, SCMP_CMP_MASKED_EQ, value, value};
		add_rule(stage, &one, nr, name);
	}
}

static void parse_rule(char **words, unsigned count, const char *reason)
{
	struct rule rule = {.action = SCMP_ACT_ALLOW};
	bool allow = strcmp(words[0], "allow") == 0;
	unsigned at = 1;

	if (!reason || !*reason)
		die("every rule needs a reason: '# why'");
	if (!allow)
		rule.action = parse_errno(count > at ? words[at++] : NULL);
	while (at < count && strcmp(words[at], "if") != 0)
		rule.calls[rule.call_count++] = words[at++];
	if (!rule.call_count)
		die("a rule names at least one system call");
	bool conditional = at < count;
	if (conditional)
		parse_conds(&rule, words, count, at + 1);
	enum stage stage = allow ? STAGE_ALLOW : conditional ? STAGE_DENY_IF : STAGE_DENY;
	for (unsigned i = 0; i < rule.call_count; i++)
		add_call(stage, &rule, rule.calls[i]);
}

static scmp_filter_ctx stage_create(uint32_t otherwise)
{
	scmp_filter_ctx ctx = seccomp_init(otherwise);

	if (!ctx || seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS)) < 0 ||
	    seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2) < 0)
		die("libseccomp cannot start");
	return ctx;
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
		stages[STAGE_DENY_IF] = stage_create(CONTINUE);
		stages[STAGE_ALLOW] = stage_create(CONTINUE);
		stages[STAGE_DENY] = stage_create(default_action);
		return;
	}
	if (!default_action)
		die("the policy must begin with 'default ERRNO'");
	if (strcmp(words[0], "allow") != 0 && strcmp(words[0], "deny") != 0)
		die("unknown word '%s'", words[0]);
	parse_rule(words, count, reason);
}

/* Appends the stage's program; its CONTINUE verdicts become jumps to the instruction after it. */
static unsigned append_stage(struct sock_filter *program, unsigned len, enum stage stage)
{
	FILE *file = tmpfile();

	if (!file || seccomp_export_bpf(stages[stage], fileno(file)) < 0)
		die("cannot export the filter");
	rewind(file);
	size_t more = fread(program + len, sizeof(*program), PROGRAM_MAX - len, file);
	fclose(file);
	if (more == 0 || len + more == PROGRAM_MAX)
		die("the filter is longer than the kernel takes");
	for (size_t i = 0; i < more; i++) {
		struct sock_filter *instruction = &program[len + i];
		if (instruction->code == (BPF_RET | BPF_K) &&
		    instruction->k == (SECCOMP_RET_TRACE | CONTINUE_TAG))
			*instruction = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA,
								    (uint32_t)(more - i - 1));
	}
	return len + (unsigned)more;
}

static void write_header(const char *path, const char *name)
{
	static struct sock_filter program[PROGRAM_MAX];
	unsigned len = 0;
	FILE *out = fopen(path, "w");

	for (enum stage stage = 0; stage < STAGE_COUNT; stage++)
		len = append_stage(program, len, stage);
	if (!out)
		die("cannot write %s", path);
	fprintf(out, "/* Made from %s.policy by tools/policyc. */\n", name);
	fprintf(out, "static const struct sock_filter policy_%s[] = {\n", name);
	for (unsigned i = 0; i < len; i++)
		fprintf(out, "\t{0x%02x, %u, %u, 0x%08x},\n", program[i].code, program[i].jt,
		        program[i].jf, program[i].k);
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
