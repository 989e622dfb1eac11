/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "bundle.h"

#include <fcntl.h>
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* ?\?= is ??=, which C has had another meaning for */
#define BANNER                                                                                     \
	"import{createRequire as $require}from\"node:module\";"                                    \
	"globalThis.require?\?=$require(\"/work/\");globalThis.__dirname?\?=\"/work\";"

struct text {
	char *data;
	size_t len;
};

/* Empty if there is none: esbuild will say so. */
static struct text read_text(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return (struct text){0};
	void *data = fstat(fd, &st) < 0 || st.st_size == 0
			 ? MAP_FAILED
			 : mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	return data == MAP_FAILED ? (struct text){0} : (struct text){data, (size_t)st.st_size};
}

static bool has(struct text text, const char *word)
{
	return text.len && memmem(text.data, text.len, word, strlen(word));
}

/* As a word, and no property. */
static bool has_await(struct text text)
{
	regmatch_t part = {.rm_eo = (regoff_t)text.len};
	regex_t word;

	if (!has(text, "await") || regcomp(&word, "(^|[^.[:alnum:]_$])await[^[:alnum:]_$]",
					   REG_EXTENDED | REG_NEWLINE) != 0)
		return false;
	bool found = regexec(&word, text.data, 1, &part, REG_STARTEND) == 0;
	regfree(&word);
	return found;
}

/* A program is a CommonJS module, where `require.main === module` holds, unless it uses what only
 * ES modules have. */
static bool is_module(const char *entry)
{
	struct text text = read_text(entry);
	bool module = (has(text, "import.meta") || has_await(text)) && !has(text, "require.main");

	if (text.len)
		munmap(text.data, text.len);
	return module;
}

void bundle_init(struct bundle *bundle, const char *out, char *entry)
{
	bool module = is_module(entry);
	char *words[BUNDLE_WORDS_MAX] = {
	    BUNDLER,
	    entry,
	    "--bundle",
	    "--platform=node",
	    module ? "--format=esm" : "--format=cjs",
	    "--packages=external",
	    "--target=node24",
	    "--keep-names",
	    "--sourcemap=inline",
	    LOG_LEVEL_WORD,
	    "--color=false",
	    module ? "--banner:js=" BANNER : "--banner:js=",
	    bundle->out_word,
	};

	snprintf(bundle->out_word, sizeof(bundle->out_word), "--outfile=%s", out);
	memcpy(bundle->words, words, sizeof(words));
}
