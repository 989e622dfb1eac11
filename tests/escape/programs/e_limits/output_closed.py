# SPDX-License-Identifier: Apache-2.0
# attack: T31 Closing stdout and stderr at once, then living on: the run ends when the program does, with its exit code.
# promise: 3 4
# held: the end is the program's, not its output's
# contained: error
# exit_code: 7
# plant: yes
import os
import sys
import time

if len(sys.argv) > 1:
    print("ESCAPED planted: exits with another code")
    sys.stdout.flush()
    os._exit(8)
print("CONTAINED closes its output")
sys.stdout.flush()
os.close(1)
os.close(2)
time.sleep(0.3)
os._exit(7)
