# SPDX-License-Identifier: Apache-2.0
# attack: T31 T54 All 256 bytes, NUL, invalid UTF-8, terminal escapes: delivered exactly, the answer stays valid JSON.
# promise: 4
# held: JSON and base64 writers
# request: {"output_encoding": "base64"}
# answer: stdout_has_all_bytes
# plant: yes
import os
import sys

if len(sys.argv) > 1:
    print("ESCAPED planted", flush=True)
os.write(1, b"CONTAINED every byte\n" + bytes(range(256)) + b"\x1b[2J\xed\xa0\x80\xff")
