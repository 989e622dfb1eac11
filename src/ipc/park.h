/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parking an interpreter: the launcher (unpack/park.c) starts it with our library preloaded
 * (src/park), which stops it at the first look at its program's file until a run has come.
 */
#ifndef SG_IPC_PARK_H
#define SG_IPC_PARK_H

#define PARK_LIBRARY    "sandglass-park.so" /* in libexec_dir */
#define PARK_CHANNEL_FD 100                 /* to the spawner; out of the way of what interpreters open */
#define PARK_LIBRARY_FD 101                 /* until the loader has mapped it */
#define PARK_PROGRAM_FD 102                 /* the pool's payload: its file, if there is one, is what to do meanwhile */
#define PARK_CGROUP_FD  103                 /* of a zygote: the directories with the cgroups of all jails */
#define PARK_CGROUPS_MAX 4
#define PARK_ZYGOTE     "zygote:"           /* before the file's name: to be forked from */
#define PARK_VARIABLE   "SANDGLASS_PARK="   /* the file's name; gone before the interpreter looks */
/* A zygote that looks for this serves, before it has looked for its file; in a copy it is there if there is time to practise. */
#define PARK_MEETING    "/proc/self/fd/100/meeting"
#define PARK_PRELOAD    "LD_PRELOAD=/proc/self/fd/101"
#define PARK_BIND_NOW   "LD_BIND_NOW=1" /* what it calls is looked up once, not by each fork: ld.so(8) */

#endif
