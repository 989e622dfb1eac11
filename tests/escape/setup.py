# SPDX-License-Identifier: Apache-2.0
"""The bait on the host that programs try to reach, and what every program is told about it."""
import ctypes
import gzip
import os
import pathlib
import secrets
import shutil
import socket
import tempfile

from lib import paths

ROOT_CANARY = "/root/.sandglass-canary"
BAIT_KEY = 0x53470000  # and the 65,535 keys that follow
MARK_KEY = 0x5347  # of programs/d_leftovers/marks_make.py
# Settings with which a host itself refuses what a proof needs; None of them there: it does not.
SYSCTLS = {
    "userns": {"apparmor_restrict_unprivileged_userns": "0", "unprivileged_userns_clone": "1"},
    "io_uring": {"io_uring_disabled": "0"},
}
# Where hosts keep what is not for guests; a file that everybody may read is put into each.
BAITED = ("/etc", "/home", "/srv", "/opt", "/mnt", "/media", "/var/lib", "/var/tmp", "/run", "/tmp", "/boot")


class Setup:
    """All of it is made by root, may be read by everybody, and is taken away in close()."""

    def __init__(self, build, faulty_build):
        self.scratch = tempfile.mkdtemp(prefix="sandglass-escape-", dir="/var/tmp")
        os.chmod(self.scratch, 0o755)
        self.build, self.faulty_build = pathlib.Path(build).resolve(), pathlib.Path(faulty_build).resolve()
        self.image_dir = str(paths.IMAGES)
        self.no_images = os.path.join(self.scratch, "no-images")
        self.targets = []  # every server that was started, so that the host can be searched for traces of all
        self.secret = "canary-" + secrets.token_hex(16)
        self.mark = "sgesc-%d" % os.getpid()
        self._make_files()
        self._make_sockets()
        self._make_shared_memory()

    def _make_files(self):
        folders = [self.scratch] + [folder for folder in BAITED if os.path.isdir(folder)]
        self.canaries = [os.path.join(folder, ".sandglass-canary-%d" % os.getpid()) for folder in folders]
        for path in self.canaries + [ROOT_CANARY]:
            with open(path, "w") as file:
                file.write(self.secret + "\n")
            os.chmod(path, 0o600 if path == ROOT_CANARY else 0o644)

    def _make_sockets(self):
        self.unix_path = os.path.join(self.scratch, "socket")
        self.listeners = []
        for name in (self.unix_path, "\0" + self.mark):
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(name)
            listener.listen(128)
            self.listeners.append(listener)
        os.chmod(self.unix_path, 0o777)

    def _make_shared_memory(self):
        libc = ctypes.CDLL(None, use_errno=True)
        libc.shmat.restype = ctypes.c_void_p
        self.shm_key = BAIT_KEY + os.getpid() % 65536
        self.shm_id = libc.shmget(self.shm_key, 4096, 0o1666)
        address = libc.shmat(self.shm_id, None, 0)
        ctypes.memmove(address, self.secret.encode(), len(self.secret))
        self.queue = "/" + self.mark
        old = os.umask(0)
        self.queue_id = libc.mq_open(self.queue.encode(), os.O_CREAT | os.O_RDWR, 0o666, None)
        os.umask(old)
        self.libc = libc

    def environment(self, server):
        """The variables that every program gets with its request."""
        return {
            "ESC_CANARY": ":".join(self.canaries), "ESC_CANARY_ROOT": ROOT_CANARY, "ESC_STATE_DIR": server.state_dir,
            "ESC_BUILD_DIR": str(self.build), "ESC_PORT": str(server.listening_port()), "ESC_SERVER_PID": str(server.process.pid),
            "ESC_ABSTRACT": self.mark, "ESC_UNIX": self.unix_path, "ESC_SHM_KEY": str(self.shm_key),
            "ESC_MQ": self.queue, "ESC_HOSTNAME": socket.gethostname(),
        }

    def replacements(self):
        """Words of a program's text that the runner replaces."""
        return {"CANARY_PATH": self.canaries[0]}

    def remove_marks(self):
        """Without IPCNS marks_make.py leaves its marks on the host: that they are found there is the proof."""
        libc = self.libc
        libc.shmctl(libc.shmget(MARK_KEY, 0, 0), 0, None)  # IPC_RMID, of a number that may be -1
        libc.semctl(libc.semget(MARK_KEY, 0, 0), 0, 0)
        libc.msgctl(libc.msgget(MARK_KEY, 0), 0, None)

    def close(self):
        self.libc.shmctl(self.shm_id, 0, None)  # IPC_RMID
        self.libc.mq_unlink(self.queue.encode())
        for listener in self.listeners:
            listener.close()
        for path in self.canaries + [ROOT_CANARY]:
            if os.path.exists(path):
                os.unlink(path)
        shutil.rmtree(self.scratch, ignore_errors=True)


def kernel_has(feature):
    """Whether this host's kernel has what a proof needs; without it, removing the wall changes nothing."""
    families = {"af_alg": (38, socket.SOCK_SEQPACKET), "vsock": (40, socket.SOCK_SEQPACKET)}
    if feature in families:
        try:
            socket.socket(*families[feature]).close()
            return True
        except OSError:
            return False
    if feature == "cgroup2":
        return os.path.exists("/sys/fs/cgroup/cgroup.controllers")
    if feature in SYSCTLS:
        return all(_sysctl(name) in (None, value) for name, value in SYSCTLS[feature].items())
    options = {"x32": "CONFIG_X86_X32_ABI=y", "ia32": "CONFIG_IA32_EMULATION=y"}
    return options[feature] in _kernel_config()


def _sysctl(name):
    try:
        with open("/proc/sys/kernel/" + name) as file:
            return file.read().strip()
    except OSError:
        return None


def _kernel_config():
    for path in ("/proc/config.gz", "/boot/config-" + os.uname().release):
        try:
            with (gzip.open if path.endswith(".gz") else open)(path, "rt") as file:
                return file.read()
        except OSError:
            pass
    return ""
