/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T6 T19 A source file with the name of the compiled program: what runs is the compiler's output or nothing.
 * promise: 4
 * held: the artefact is what the compiler left, passed as a descriptor
 * request: {"files": [{"name": "main", "content": "#!/bin/sh\necho ESCAPED collision\n"}, {"name": "a.out", "content": "#!/bin/sh\necho ESCAPED collision\n"}]}
 * contained: ok|compile_error|request_error
 * relax: {"files": [], "args": ["plant"]}
 */
#include "../escape.h"

int
main(int argc, char **argv)
{
	if (argc > 1)
		escaped("asked to (%s)", argv[1]);
	return verdict("the compiler's own output was run");
}
