/* SPDX-License-Identifier: Apache-2.0 */
#include "park/prepare.h"

#include <stddef.h>

#include "base/util.h"

static const struct preparer *chosen;

bool prepare_begin(const char *text)
{
	static const struct preparer *const all[] = {&preparer_python, &preparer_javascript, &preparer_perl};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (all[i]->begin(text)) {
			chosen = all[i];
			return true;
		}
	return false;
}

bool prepare_step(void)
{
	return chosen->step();
}

bool prepare_end(void)
{
	return chosen->end();
}

void prepare_fork(void)
{
	if (chosen && chosen->fork)
		chosen->fork();
}

void prepare_forked(bool in_child)
{
	if (chosen && chosen->forked)
		chosen->forked(in_child);
}

const char *prepare_unfit(bool with_threads)
{
	return chosen && chosen->unfit ? chosen->unfit(with_threads) : NULL;
}
