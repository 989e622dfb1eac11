#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs in the guest: the checks of one boot, as root and as an ordinary user, and their sum."""

import os
import pathlib
import pwd
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CGROUP = pathlib.Path("/sys/fs/cgroup")
CONTROLLERS = "+memory +pids +cpu"
USER = "judge"

# boot: (label, file in checks, as whom, in which cgroup, whether that is given to the user)
BOOTS = {
    "init": (
        ("kernel", "kernel", "root", "checks-root", False),
        ("warm", "warm", "root", "checks-warm", False),
        ("root", "server", "root", "checks-root", False),
        ("delegated", "server", USER, "checks-delegated", True),
        ("undelegated", "undelegated", USER, "checks-undelegated", False),
    ),
    "systemd": (
        ("systemd", "systemd", "root", None, False),
    ),
}


def make_cgroup(name, owner):
    """As a login manager does it: the directory and what moves processes and controllers, nothing else."""
    (CGROUP / "cgroup.subtree_control").write_text(CONTROLLERS)
    path = CGROUP / name
    path.mkdir(exist_ok=True)
    if owner:
        for file in (path, *(path / f"cgroup.{n}" for n in ("procs", "threads", "subtree_control"))):
            os.chown(file, owner.pw_uid, owner.pw_gid)
    return path


def run_suite(label, name, user, cgroup, delegated):
    account = pwd.getpwnam(user)
    path = make_cgroup(cgroup, delegated and account) if cgroup else None

    def enter():
        if path:
            (path / "cgroup.procs").write_text(str(os.getpid()))
        os.initgroups(user, account.pw_gid)
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)

    environment = {**os.environ, "HOME": account.pw_dir, "USER": user, "PYTHON_COLORS": "0"}
    done = subprocess.run([sys.executable, HERE / "suite.py", label, name], preexec_fn=enter, env=environment,
                          cwd="/", stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        print(f"FAILED {label}: the checks themselves ended with {done.returncode}", flush=True)


def main():
    subprocess.run(["useradd", "--create-home", USER], check=True)
    wanted = sys.argv[2:]
    print(flush=True)  # whatever the console has said so far
    for suite in BOOTS[sys.argv[1]]:
        if not wanted or suite[0] in wanted:
            run_suite(*suite)
    print("end of checks", flush=True)


if __name__ == "__main__":
    main()
