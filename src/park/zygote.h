/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A zygote: a parked interpreter in a jail of its own that is not for a run. Once it is prepared it makes a
 * child for each order of the spawner's, which joins the ordered jail in the place of its launcher, goes
 * behind every wall there by the same steps (sandbox/steps.def, FORKED), and is from then on as if it
 * had been started in it.
 *
 * What it was forked from never had anything of a user's, but does have rights: so none of it may be left
 * in the child. It has no descriptor but the standard streams' stand-ins and its own channel, no
 * mapping that writes to anything shared, and no second thread, or else those that zfork gives copies of;
 * a zygote that finds that it cannot promise this says so, and its pool is filled by exec.
 */
#ifndef SG_PARK_ZYGOTE_H
#define SG_PARK_ZYGOTE_H

/* Before the interpreter starts: this process is to be one. */
void zygote_begin(void);
/* It cannot be one: says why to the spawner, and ends. */
_Noreturn void zygote_unfit(const char *why);
/* Serves orders, after the preparation. Returns in children only, behind every wall, in PAYLOAD_WORK_DIR. */
void zygote_serve(void);

#endif
