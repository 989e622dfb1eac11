# SPDX-License-Identifier: Apache-2.0
# attack: T13 T42 The environment is what the request said and a documented minimum, nothing of the server's.
# promise: 1 7
# held: the environment is built from nothing
# request: {"env": {"A": "$(id)", "B": "a\nb", "C": "", "LD_PRELOAD_": "x", "D": "\u00e9"}}
# relax: {"env": {"A": "$(id)", "B": "b", "SANDGLASS_CANARY": "canary"}}
import os

SENT = {"A": "$(id)", "B": "a\nb", "C": "", "LD_PRELOAD_": "x", "D": "\u00e9"}
escaped = 0
for name, value in SENT.items():
    if os.environ.get(name) != value:
        escaped += 1
        print("ESCAPED", name, "was changed to", ascii(os.environ.get(name)))
for name, value in os.environ.items():
    if "canary" in value and not name.startswith("ESC_") or name.startswith("SANDGLASS"):
        escaped += 1
        print("ESCAPED the server's variable", name)
if not escaped:
    print("CONTAINED", sorted(name for name in os.environ if not name.startswith("ESC_")))
