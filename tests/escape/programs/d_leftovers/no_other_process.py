# SPDX-License-Identifier: Apache-2.0
# attack: T42 T44 Other processes: of the host, of other runs, of the server.
# promise: 1
# without: PIDNS -> processes
import os

own = {1, os.getpid(), os.getppid()}
others = [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and int(pid) not in own]
alive = []
for pid in range(1, 4000):
    if pid in own:
        continue
    try:
        os.kill(pid, 0)
        alive.append(pid)
    except PermissionError:
        alive.append(pid)
    except ProcessLookupError:
        pass
if others or alive:
    print("ESCAPED other processes:", (others + alive)[:10])
elif os.getpid() > 20:
    print("ESCAPED processes are numbered as on the host:", os.getpid())
else:
    print("CONTAINED alone with pid 1")
