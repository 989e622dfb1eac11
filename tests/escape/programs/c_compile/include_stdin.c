/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T15 T18 The compiler reads standard input: it must not see the input that is meant for the program.
 * promise: 1
 * held: the compile stage has an empty stdin
 * request: {"stdin": "int stolen = 1;\n"}
 * contained: compile_error|ok
 * plant: yes
 */
#include "../escape.h"
#include "/dev/stdin"

int
main(int argc, char **argv)
{
	char line[64] = "";

	(void)argv;
	if (argc > 1 || fgets(line, sizeof(line), stdin) == NULL)
		escaped("the input was taken by the compiler");
	return verdict("the compiler saw an empty input, the program its own");
}
