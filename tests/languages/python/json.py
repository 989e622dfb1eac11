import json as j
import sys

document = j.load(sys.stdin)
print(document["name"], len(document["tags"]), document["n"] + 1)
print(j.dumps({"ok": True, "list": [1, 2, 3]}, separators=(",", ":")))
