/* SPDX-License-Identifier: Apache-2.0 */
/* What every cmocka program needs before <cmocka.h>. */
#ifndef SG_TESTS_UNIT_H
#define SG_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/util.h"

#endif
