/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What looks at a program inside the jail before it runs: the rules of policy/scan/<language>.yaml and the scanner
 * scan.py beside them, as the one program text that is put in the place of the user's. Python only.
 */
#ifndef SG_SCAN_SCAN_H
#define SG_SCAN_SCAN_H

#include "base/buf.h"
#include "base/err.h"

#define SCAN_LANGUAGE "python" /* id of the runtime whose programs can be scanned */

struct scan {
	struct buf looking;  /* the scanner with its rules */
	struct buf passing;  /* the same without rules: only runs programs as <string> */
};

/* Reads all of dir. 0, -ERR_CONFIG (names file and what is wrong), -ERR_IO or -ERR_NO_MEMORY. */
int scan_load(struct scan *ret_scan, const char *dir, struct err *err);
void scan_finish(struct scan *scan);

/* Whether a list of words, joined by commas, has this one. */
bool scan_lists(const char *list, const char *word);

#endif
