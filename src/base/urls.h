/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A setting that lists where something may be fetched from: URLs that end in a slash, joined by
 * commas. What begins with one of them may be.
 */
#ifndef SG_BASE_URLS_H
#define SG_BASE_URLS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/slice.h"

#define URL_BYTES_MAX 2048

/* 0, or -ERR_CONFIG that names the setting. */
int urls_check(const char *list, const char *name, struct err *err);
/* The first; {NULL, 0} of an empty list. */
struct slice urls_first(const char *list);
/* Scheme, host and port of one of them, with the slash behind. */
struct slice urls_origin(struct slice url);
/*
 * Whether url begins with one of the list and stays below it, however a server reads it: no dot
 * segments in any spelling, nothing but characters of paths and queries (RFC 3986, 3.3 and 3.4).
 */
bool urls_allow(const char *list, struct slice url);

#endif
