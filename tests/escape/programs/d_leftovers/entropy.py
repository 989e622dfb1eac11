# SPDX-License-Identifier: Apache-2.0
# attack: T23 Runs that come from the same prepared jail must not share random bytes, hash seeds or addresses.
# promise: 2
# held: every run is a fresh execve
# distinct: RANDOM (.*)
import os
import random
import uuid

auxv = open("/proc/self/maps").readline().split("-")[0]
print("RANDOM", os.urandom(8).hex(), random.random(), uuid.uuid4(), hash("sandglass"), auxv)
print("CONTAINED random state printed; the runner compares runs")
