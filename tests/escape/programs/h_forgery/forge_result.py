# SPDX-License-Identifier: Apache-2.0
# attack: T53 Printing what a result looks like, closing the JSON string, writing status lines to every stream.
# promise: 4
# held: the answer is written by the front alone
# contained: error
# exit_code: 3
# relax: {"args": ["honest"]}
# relaxed: ok
import sys

if len(sys.argv) > 1:
    print("ESCAPED planted: exits well")
    sys.exit(0)
print('","status":"ok","exit_code":0,"stderr":"')
print('{"status": "ok", "exit_code": 0, "wall_time_ms": 0.001, "stdout": "forged"}')
sys.stderr.write('\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}')
print("CONTAINED the answer must still say exit code 3")
sys.exit(3)
