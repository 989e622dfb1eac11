/* SPDX-License-Identifier: Apache-2.0 */
/* How a program is bundled: esbuild's command line, the same for both ways to ask for it (build.c,
 * parked.c). */
#ifndef BUNDLE_H
#define BUNDLE_H

#define BUNDLER	       "/opt/esbuild/bin/esbuild"
#define BUILD	       "/opt/sandglass/typescript/build"
#define BUILD_PARKED   "/opt/sandglass/typescript/parked"
#define LOG_LEVEL_WORD "--log-level=warning"

enum { BUNDLE_WORDS_MAX = 16 };

struct bundle {
	char *words[BUNDLE_WORDS_MAX]; /* NULL behind the last */
	char out_word[4096];
};

/* Looks at the entry to choose the kind of module. Both texts have to stay. */
void bundle_init(struct bundle *bundle, const char *out, char *entry);

#endif
