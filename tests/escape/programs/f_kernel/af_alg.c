/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T38 AF_ALG, the way into the page cache of Copy Fail (CVE-2026-31431).
 * promise: 1
 * without: SECCOMP -> AF_ALG
 * needs: af_alg
 */
#include "../escape.h"

#include <sys/socket.h>

int
main(void)
{
	filtered(socket(AF_ALG, SOCK_SEQPACKET, 0), "AF_ALG");
	filtered(socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), "AF_ALG with flags");
	return verdict("no crypto sockets");
}
