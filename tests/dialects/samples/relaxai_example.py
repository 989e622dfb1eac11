# SPDX-License-Identifier: Apache-2.0
"""relaxAI's example with its client for Python."""

import os

from relaxai import Relaxai

client = Relaxai(
    api_key=os.environ["API_KEY"],
    base_url=os.environ["BASE_URL"],
)

response = client.tools.execute_code(code="print(2**2)", lang="python", timeout=30)

print(response.stdout)
