/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T13 Arguments with everything that a shell would act upon arrive byte for byte.
 * promise: 1 7
 * held: no shell on any path
 * request: {"args": ["", " ", "a b", "$(id)", "`id`", "; id", "| id", "&& id", "> /tmp/x", "'", "\"", "\\", "\n", "a\nb\r\n", "*", "~", "$HOME", "%s%n", "--help", "\u001b[2J", "\u00e9\u4e2d", "-wrapper"], "env": {"IFS": "x"}}
 * relax: {"args": ["sh", "-c", "id"]}
 */
#include "../escape.h"

int
main(int argc, char **argv)
{
	static const char *const sent[] = {
		"", " ", "a b", "$(id)", "`id`", "; id", "| id", "&& id", "> /tmp/x", "'", "\"", "\\", "\n", "a\nb\r\n",
		"*", "~", "$HOME", "%s%n", "--help", "\033[2J", "\303\251\344\270\255", "-wrapper",
	};
	const int count = (int)(sizeof(sent) / sizeof(sent[0]));

	if (argc != count + 1)
		escaped("%d arguments instead of %d", argc - 1, count);
	for (int i = 0; i < count && i + 1 < argc; i++) {
		if (strcmp(sent[i], argv[i + 1]) != 0)
			escaped("argument %d was changed", i);
	}
	return verdict("every argument arrived as sent");
}
