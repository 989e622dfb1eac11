/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attack: T42 Regaining capabilities: capset, ambient set, securebits, bounding set.
 * promise: 1
 * without: CAPS -> (securebits|bounding|capability)
 */
#include "../escape.h"

#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

int
main(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { ~0u, ~0u, ~0u }, { ~0u, ~0u, ~0u } };
	int bits = prctl(PR_GET_SECUREBITS);

	refused(syscall(SYS_capset, &header, data), "capability set");
	for (int cap = 0; cap < 41; cap++) {
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1)
			escaped("bounding set holds %d", cap);
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) == 0)
			escaped("ambient capability %d", cap);
	}
	if (bits >= 0 && (bits & SECBIT_NOROOT_LOCKED) == 0)
		escaped("securebits are not locked: %x", bits);
	return verdict("no capability can be regained");
}
