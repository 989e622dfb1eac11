/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of `sandglass doctor`: each looks at one thing of this host and changes nothing. */
#ifndef SG_CLI_DOCTOR_H
#define SG_CLI_DOCTOR_H

#include "config/config.h"

enum finding_state { FINDING_MET, FINDING_MISSING };

struct finding {
	enum finding_state state;
	char detail[240]; /* what was found */
	char remedy[400]; /* the one command that meets it; "" when met */
};

#define X(name, required, wall)                                                                    \
	void check_##name(const struct config *config, struct finding *finding);
#include "cli/doctor.def"
#undef X

/* Fills a finding; detail is a format. */
void finding_met(struct finding *finding, const char *fmt, ...) _printf_(2, 3);
void finding_missing(struct finding *finding, const char *remedy, const char *fmt, ...)
    _printf_(3, 4);

#endif
