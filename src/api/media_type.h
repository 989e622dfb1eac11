/* SPDX-License-Identifier: Apache-2.0 */
/* What kind of content a file has, by its name. */
#ifndef SG_API_MEDIA_TYPE_H
#define SG_API_MEDIA_TYPE_H

#include "base/slice.h"

/* "image/png" of "artifacts/plot_1.PNG"; "application/octet-stream" when nothing is known. */
const char *media_type_of(struct slice name);

#endif
