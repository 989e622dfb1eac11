/* SPDX-License-Identifier: Apache-2.0 */
/* Precompiled headers of C++: which fit a source. */
#pragma once

/* What to give to -include for the source that `command` compiles, or NULL. */
const char *headers_for(const char *source, char **command);
