/* SPDX-License-Identifier: Apache-2.0 */
/* Precompiled headers of C++: which fit a source. `prepare` makes them of what headers_show() says. */
#pragma once

/* Where they are: NAME.h, of which there is a NAME.h.gch. */
#define HEADERS_DIR "/opt/sandglass/cpp/headers/"
/* Empty. A compiler that waits for its source has it first, and then what fits in its place (wait.c). */
#define HEADERS_AHEAD HEADERS_DIR "ahead.h"

/*
 * What to give to -include for a source, or NULL. A source that begins with headers of the standard library (and
 * comments) may have them in any order ([using.headers] of the C++ standard), so those that are precompiled together
 * may come first if it includes all of them there, before anything else.
 */
const char *headers_for(const char *source);

/* A line for each: its name and the headers in it. */
void headers_show(void);
