# SPDX-License-Identifier: Apache-2.0
"""
The same piece without the jail: an ordinary user in a chroot of the image, with terminals, a whole /proc, a loopback
of his own and empty directories. What fails here too is not the jail's doing.
"""

import subprocess

# Runs in namespaces of its own, so that nothing is left mounted or running. $1 is the tree; the user is Debian's
# nobody, which has a name in every tree.
_PLACE = r"""
set -e
tree=$1
shift
mount --bind "$tree" "$tree"
mount -t tmpfs -o mode=0755 tmpfs "$tree/dev"
for name in null zero full random urandom tty; do
	touch "$tree/dev/$name"
	mount --bind "/dev/$name" "$tree/dev/$name"
done
ln -s /proc/self/fd "$tree/dev/fd"
ln -s fd/0 "$tree/dev/stdin"
ln -s fd/1 "$tree/dev/stdout"
ln -s fd/2 "$tree/dev/stderr"
ln -s pts/ptmx "$tree/dev/ptmx"
mkdir "$tree/dev/pts" "$tree/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$tree/dev/pts"
for dir in work home tmp dev/shm; do
	mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$tree/$dir"
done
mount -t proc proc "$tree/proc"
ip link set lo up
cat >"$tree/work/main.sh"
umask 022
ulimit -n 4096
exec setpriv --no-new-privs chroot --userspec=65534:65534 --groups= "$tree" \
	/usr/bin/env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=/home LANG=C.UTF-8 TMPDIR=/tmp USER=nobody \
	/bin/bash -c 'cd /work && exec /bin/bash main.sh "$@"' place "$@" </dev/null
"""


def run(root, suite, piece):
    """(what it has printed, why it did not end well or None)"""
    words = ["unshare", "--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child",
             "bash", "-c", _PLACE, "outside", root, piece]
    seconds = suite.limits["wall_time_ms"] / 1000
    try:
        done = subprocess.run(list(map(str, words)), input=suite.program.encode(), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as e:
        return (e.stdout or b"").decode(errors="replace"), f"was still running after {seconds:.0f} s"
    return done.stdout.decode(errors="replace"), done.returncode and f"ended with {done.returncode}"
