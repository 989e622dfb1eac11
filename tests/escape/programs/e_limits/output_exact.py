# SPDX-License-Identifier: Apache-2.0
# attack: T31 Output at N and N+1: exactly 100000 bytes pass.
# promise: 3
# held: output_bytes
# contained: ok
# request: {"limits": {"output_bytes": 100000}}
# relax: {"limits": {"output_bytes": 99999}}
# relaxed: output_limit
# answer: stdout_exactly=100000
import sys

text = "CONTAINED exactly as much as allowed\n"
sys.stdout.write(text + "y" * (100000 - len(text)))
