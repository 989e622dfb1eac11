# SPDX-License-Identifier: Apache-2.0
# attack: T45 Set-user-id files: no_new_privs and nosuid each make them harmless, and both are there.
# promise: 1
# without: NNP -> no_new_privs
import ctypes
import os
import stat

escaped = 0
if ctypes.CDLL(None).prctl(39, 0, 0, 0, 0) != 1:
    escaped += 1
    print("ESCAPED no_new_privs is not set")
for path in ("/", "/usr", "/work", "/tmp", "/home", "/dev/shm"):
    if not os.statvfs(path).f_flag & os.ST_NOSUID:
        escaped += 1
        print("ESCAPED", path, "is not nosuid")
found = []
for directory in ("/usr/bin", "/usr/sbin"):
    for name in os.listdir(directory):
        path = os.path.join(directory, name)
        mode = os.lstat(path).st_mode
        if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID):
            found.append(path)
if not escaped:
    print("CONTAINED no_new_privs and nosuid;", len(found), "set-user-id files in the image do nothing")
