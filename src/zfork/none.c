/* SPDX-License-Identifier: Apache-2.0 */
/* Where there is no zfork: the answer of zfork_possible() to all. */
#include "zfork/zfork.h"

#include <errno.h>

int zfork_possible(struct err *err)
{
	return err_set(err, ERR_NOT_IMPLEMENTED, "It is known for x86-64 with glibc only.");
}

int zfork_prepare(struct err *err)
{
	return zfork_possible(err);
}

int zfork_freeze(struct err *err)
{
	return zfork_possible(err);
}

int zfork_self_test(struct err *err)
{
	return zfork_possible(err);
}

pid_t zfork_clone(struct clone_args *args)
{
	(void)args;
	errno = ENOSYS;
	return -1;
}

int zfork_own_descriptors(void)
{
	errno = ENOSYS;
	return -1;
}

int zfork_revive(void)
{
	errno = ENOSYS;
	return -1;
}

void zfork_release(void)
{
}
