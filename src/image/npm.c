/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "image/npm.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/fd.h"
#include "base/util.h"
#include "image/digest.h"
#include "image/tool.h"
#include "image/tree.h"

#define INCOMING   "incoming" /* in the cache: what npm is writing */
#define PATH_BYTES 4096
#define INTEGRITY  "sha512-"

/* --- integrity: W3C Subresource Integrity, as the registry and lock files write it --- */

static bool sha512_fd(unsigned char out[static EVP_MAX_MD_SIZE], unsigned *ret_len, int fd)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char block[16 * KIB];
	ssize_t n = -1;

	bool fine = context && EVP_DigestInit_ex(context, EVP_sha512(), NULL) == 1;
	while (fine && ((n = read(fd, block, sizeof(block))) > 0 || (n < 0 && errno == EINTR)))
		if (n > 0)
			EVP_DigestUpdate(context, block, (size_t)n);
	fine = fine && n == 0 && EVP_DigestFinal_ex(context, out, ret_len) == 1;
	EVP_MD_CTX_free(context);
	return fine;
}

static bool is_package(const char *path, const char *integrity)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned char text[EVP_MAX_MD_SIZE / 3 * 4 + 5];
	unsigned len;
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 || !sha512_fd(digest, &len, fd))
		return false;
	EVP_EncodeBlock(text, digest, (int)len);
	return strcmp((const char *)text, integrity + strlen(INTEGRITY)) == 0;
}

/* --- fetching --- */

static int is_tarball(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && strcmp(dot, ".tgz") == 0;
}

/* npm names the file as it likes; it is the only one in a directory of its own. */
static int take_in(const struct manifest_npm *npm, const char *incoming, const char *kept,
		   struct err *err)
{
	struct dirent **entries = NULL;
	char path[PATH_BYTES + 256] = "";
	int count = scandir(incoming, &entries, is_tarball, NULL);

	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%.255s", incoming, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	if (count != 1 || !is_package(path, npm->integrity))
		return err_field(err, ERR_IMAGE, npm->package,
				 "What the registry has as %s %s does not match the integrity in "
				 "the manifest.",
				 npm->package, npm->version);
	if (rename(path, kept) < 0)
		return err_field(err, ERR_IO, kept, "Cannot keep %s: %s.", kept, strerror(errno));
	return 0;
}

static void ignore_line(void *ctx, const char *line)
{
	(void)ctx;
	(void)line;
}

static const struct tool_watch silent = {.line = ignore_line};

static int fetch(const struct manifest_npm *npm, const char *cache, const char *kept, int hold_fd,
		 struct err *err)
{
	char incoming[PATH_BYTES], what[256];
	char *const argv[] = {"npm",	"pack", "--loglevel=error", "--pack-destination",
			      incoming, what,	NULL};

	snprintf(incoming, sizeof(incoming), "%s/" INCOMING, cache);
	snprintf(what, sizeof(what), "%s@%s", npm->package, npm->version);
	int rc = tree_remove(incoming, err);
	if (rc == 0)
		rc = tree_make_directory(incoming, err);
	if (rc == 0)
		rc = tool_run(argv, hold_fd, &silent, err);
	return rc < 0 ? rc : take_in(npm, incoming, kept, err);
}

/* --- unpacking --- */

/* Every package has its files below one directory, mostly but not always "package". Headers and
 * manuals are not for jails. */
static int unpack(const struct manifest_npm *npm, const char *kept, const char *root, int hold_fd,
		  struct err *err)
{
	char place[PATH_BYTES];
	char *const argv[] = {"tar",
			      "--extract",
			      "--gzip",
			      "--file",
			      (char *)kept,
			      "--directory",
			      place,
			      "--strip-components=1",
			      "--no-same-owner",
			      "--no-same-permissions",
			      "--wildcards",
			      "--exclude=*/include/node",
			      "--exclude=*/share/doc",
			      "--exclude=*/share/man",
			      NULL};

	snprintf(place, sizeof(place), "%s" MANIFEST_NPM_DIR "/%s", root, npm->place);
	int rc = tree_make_directory(place, err);
	return rc < 0 ? rc : tool_run(argv, hold_fd, &silent, err);
}

int npm_install(const struct manifest_npm *npm, const char *cache, const char *root, int hold_fd,
		struct err *err)
{
	char name[DIGEST_BYTES], kept[PATH_BYTES];
	int rc = tree_make_directory(cache, err);

	digest_data(name, npm->integrity, strlen(npm->integrity));
	snprintf(kept, sizeof(kept), "%s/%s.tgz", cache, name);
	if (rc == 0 && !is_package(kept, npm->integrity))
		rc = fetch(npm, cache, kept, hold_fd, err);
	return rc < 0 ? rc : unpack(npm, kept, root, hold_fd, err);
}
