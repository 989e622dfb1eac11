/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T14 T15 The compiler as the reader: a host file by .incbin, at compile time.
 * promise: 1
 * held: the compiler runs in a jail of its own
 * contained: compile_error
 * relax: {"substitute": {"CANARY_PATH": "/work/canary"}, "files": [{"name": "canary", "content": "canary"}]}
 */
#include "../escape.h"

/* The runner replaces CANARY_PATH: the C preprocessor sees no environment. */
__asm__(".pushsection .rodata\n.global canary\ncanary: .incbin \"CANARY_PATH\"\n.byte 0\n.popsection\n");
extern const char canary[];

int
main(void)
{
	escaped("the compiler read %.40s", canary);
	return verdict("unreachable: there is nothing to compile in");
}
