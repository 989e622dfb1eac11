/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T38 T55 AF_VSOCK: the line to the hypervisor, which network namespaces do not cut.
 * promise: 1
 * without: SECCOMP -> AF_VSOCK
 * needs: vsock
 */
#include "../escape.h"

#include <sys/socket.h>

int
main(void)
{
	filtered(socket(AF_VSOCK, SOCK_STREAM, 0), "AF_VSOCK stream");
	filtered(socket(AF_VSOCK, SOCK_SEQPACKET, 0), "AF_VSOCK seqpacket");
	return verdict("no line to the hypervisor");
}
