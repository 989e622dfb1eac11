/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Giving up rights, for daemons (confine.c) and for jails (sandbox). All return 0, or -1 with
 * errno.
 */
#ifndef SG_CONFINE_CREDS_H
#define SG_CONFINE_CREDS_H

#include <stdint.h>
#include <sys/types.h>

/*
 * The three steps, in this order: the bounding and ambient sets and securebits while CAP_SETPCAP is
 * there; the ids while CAP_SETUID is there; then what is left of the capabilities.
 */
int creds_drop_bounding(void);
int creds_set_ids(uid_t uid, gid_t gid);
int creds_drop_capabilities(void);

/* Gives up all but these (bits 1 << CAP_*), also for what is executed later; ids stay. */
int creds_keep_capabilities(uint64_t keep);

/* No set-user-id file and no file capability gives anything back. */
int creds_no_new_privs(void);

/*
 * Installs policy/<name>.policy on the calling thread; needs no_new_privs. ENOENT: no such policy.
 */
int creds_install_policy(const char *name);

/*
 * Maps one user and one group id to themselves in the user namespace that was just entered: the
 * only mapping that needs no privilege (user_namespaces(7)). Needs a /proc.
 */
int creds_map_ids(uid_t uid, gid_t gid);

/*
 * Makes the mount (or directory) at path the root of this mount namespace and lets go of the old
 * one.
 */
int creds_enter_root(const char *path);

#endif
