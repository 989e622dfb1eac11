/* SPDX-License-Identifier: Apache-2.0 */
#include "headers.h"

#include <stddef.h>

const char *headers_for(const char *source, char **command)
{
	(void)source;
	(void)command;
	return NULL;
}
