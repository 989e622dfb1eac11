# SPDX-License-Identifier: Apache-2.0
"""An interpreter of the default image as a zygote (stage.c), and the same interpreter exec'd: two ways to run a program."""

import array
import contextlib
import ctypes
import fcntl
import os
import pathlib
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import paths  # noqa: E402

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET = 0x20000, 0x20000000, 0x40000000
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
SEALS = 0xf
CHANNEL, LIBRARY, PROGRAM, STAGE = 100, 101, 102, 103  # src/ipc/park.h; the last is ours
RUN_SECONDS = 120


def _check(rc, what):
    if rc != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def _mount(source, target, kind, flags):
    _check(LIBC.mount(source.encode(), str(target).encode(), kind.encode(), flags, None), f"mount {target}")


def _refuse_io_uring():
    """As jails do. Its rings are memory shared with the kernel, of which no copy can be made."""
    steps = [(0x20, 0, 0, 0), (0x15, 0, 1, 425), (0x06, 0, 0, 0x00050000 | 38), (0x06, 0, 0, 0x7fff0000)]  # ENOSYS for io_uring_setup(2)
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = struct.pack("@HP", len(steps), ctypes.addressof(code))
    _check(LIBC.prctl(38, 1, 0, 0, 0), "PR_SET_NO_NEW_PRIVS")
    _check(LIBC.prctl(22, 2, program, 0, 0), "PR_SET_SECCOMP")


def enter_world():
    """This process and what it starts: mounts and a network of their own, and the image's tree with what programs need."""
    root = pathlib.Path(tempfile.mkdtemp(prefix="zfork-"))
    _check(LIBC.unshare(CLONE_NEWNS | CLONE_NEWNET), "unshare")
    _mount("none", "/", "", MS_REC | MS_PRIVATE)
    _mount(str(paths.IMAGES / "default/root"), root, "", MS_BIND)
    _mount("none", root, "", MS_REMOUNT | MS_BIND | MS_RDONLY)
    _mount("proc", root / "proc", "proc", 0)
    _mount("/dev", root / "dev", "", MS_BIND)
    for place in ("work", "tmp", "home"):
        _mount("tmpfs", root / place, "tmpfs", 0)
    with socket.socket() as any_socket:  # netdevice(7): SIOCSIFFLAGS, IFF_UP
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH22x", b"lo", 1))
    return root


def _message_number(name):
    rows = re.findall(r"^X\((\w+), *(\w+),", (paths.SOURCE / "src/ipc/messages.def").read_text(), re.MULTILINE)
    return 1 + [f"{to}_{verb}" for to, verb in rows].index(name)


MAGIC, NO_TIME = b"SgP2", -1 << 63


def _payload(argv, env, files):
    """A sealed memfd as of src/ipc/payload.h."""
    strings = b"".join(text.encode() + b"\0" for text in [*argv, *env])
    body = struct.pack("=256s", b"") + strings
    head = struct.Struct("=4sIIIIIHHIQQ")
    for name, data in files.items():
        body += b"\0" * (-(head.size + len(body)) % 8)
        body += struct.pack("=IIHHIQQqQ", len(name.encode()), 0o644, 0, 0, 0, len(data), 0, NO_TIME, 0) + name.encode() + b"\0" + data
    fd = os.memfd_create("payload", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
    os.write(fd, head.pack(MAGIC, len(argv), len(env), len(files), 0, 0, 0, 0, 0, head.size + len(body), len(strings)) + body)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, SEALS)
    return fd


@contextlib.contextmanager
def _closing(*fds):
    try:
        yield fds
    finally:
        for fd in fds:
            os.close(fd)


class Interpreter:
    """argv as it is exec'd; file: the first of the run's that it looks for; prepare: what it does while it waits."""

    def __init__(self, root, argv, env, file, prepare=""):
        self.root, self.argv, self.env, self.file, self.prepare = root, argv, env, file, prepare
        self.lock = threading.Lock()

    # --- the exec way ---

    def execute(self, files, stdin=b"", keep=None):
        """(stdout, stderr, exit code) of a plain start, in pid and mount namespaces as a copy's; keep: and that file."""
        kept = os.memfd_create("kept")

        def enter():
            _check(LIBC.unshare(CLONE_NEWNS | CLONE_NEWPID), "unshare")
            pid = os.fork()
            if pid:
                os.closerange(0, kept)  # Popen waits for the end of one of them
                os.closerange(kept + 1, 1000)
                status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                if keep and status == 0:
                    os.write(kept, pathlib.Path(self.root, "work", keep).read_bytes())
                os.kill(os.getpid(), -status) if status < 0 else os._exit(status)
            os.chroot(self.root)
            _mount("tmpfs", "/work", "tmpfs", 0)
            _mount("proc", "/proc", "proc", 0)
            os.chdir("/work")
            for name, data in files.items():
                pathlib.Path(name).write_bytes(data)
            _refuse_io_uring()

        done = subprocess.run(self.argv, env=self._environment(), input=stdin, capture_output=True, timeout=RUN_SECONDS, check=False,
                              preexec_fn=enter)
        with open(kept, "rb") as file:
            data = os.pread(kept, os.fstat(kept).st_size, 0)
        return (done.stdout, done.stderr, done.returncode) + ((data,) if keep else ())

    def _environment(self):
        return dict(entry.split("=", 1) for entry in self.env)

    # --- the zygote ---

    def start(self, build):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        program = _payload(self.argv, self.env, {self.file: self.prepare.encode()} if self.prepare else {})
        given = [theirs.fileno(), os.open(build / "src/role/sandglass-park.so", os.O_RDONLY), program,
                 os.open(build / "tests/zfork/zfork-stage.so", os.O_RDONLY)]
        env = self._environment() | {"LD_PRELOAD": f"/proc/self/fd/{LIBRARY}:/proc/self/fd/{STAGE}", "LD_BIND_NOW": "1", "SANDGLASS_PARK": self.file}

        def enter():
            _check(LIBC.close_range(3, 0x7fffffff, 4), "close_range")  # CLOSE_RANGE_CLOEXEC
            high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 200) for fd in given]
            for fd, place in zip(high, (CHANNEL, LIBRARY, PROGRAM, STAGE)):
                os.dup2(fd, place)
                os.close(fd)
            os.chroot(self.root)
            os.chdir("/work")
            _refuse_io_uring()

        self.process = subprocess.Popen(self.argv, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        close_fds=False, preexec_fn=enter)
        self.channel = ours
        self.run_message = struct.pack("=II", _message_number("SLOT_RUN"), 0) + struct.pack("@IIIIQQQ", 1, 0, 0, 0, 1 << 30, 1 << 30, 1 << 30)
        theirs.close()
        for fd in given[1:]:
            os.close(fd)
        self._expect("ready")

    def _expect(self, word):
        """The rest of the next message of that kind; park's own to its spawner are passed over."""
        while True:
            text = self.channel.recv(4096)
            if not text:
                raise RuntimeError(f"the zygote has ended: {self.process.stdout.read().decode(errors='replace')}")
            if text.startswith(b"failed"):
                raise RuntimeError(text.decode())
            if text.startswith(word.encode()):
                return text.decode()[len(word):].strip()

    def _begin(self, files, fds):
        with _closing(_payload(self.argv, self.env, files)) as (payload,):
            rights = array.array("i", [payload, *fds])
            with self.lock:
                self.channel.sendmsg([self.run_message], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
                return int(self._expect("pid"))

    def fork(self, files, stdin=b""):
        """The same three of a copy."""
        input_read, input_write = os.pipe()
        out_read, out_write = os.pipe()
        err_read, err_write = os.pipe()
        with _closing(input_read, out_write, err_write):
            pid = self._begin(files, (input_read, out_write, err_write))
        outputs = {}
        threads = [threading.Thread(target=self._feed, args=(input_write, stdin))]
        threads += [threading.Thread(target=self._drain, args=(fd, outputs)) for fd in (out_read, err_read)]
        for thread in threads:
            thread.start()
        killer = threading.Timer(RUN_SECONDS, os.kill, (pid, 9))
        killer.start()
        _, status = os.waitpid(pid, 0)
        killer.cancel()
        for thread in threads:
            thread.join()
        return outputs[out_read], outputs[err_read], os.waitstatus_to_exitcode(status)

    @staticmethod
    def _feed(fd, data):
        with contextlib.suppress(BrokenPipeError), open(fd, "wb", buffering=0) as file:
            file.write(data)

    @staticmethod
    def _drain(fd, outputs):
        with open(fd, "rb") as file:
            outputs[fd] = file.read()

    def stop(self):
        self.channel.close()
        self.process.kill()
        self.process.communicate()
