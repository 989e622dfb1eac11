# SPDX-License-Identifier: Apache-2.0
"""Riza's example with its client for Python, which finds base URL and key in the environment."""

from rizaio import Riza

client = Riza()

resp = client.command.exec(
    language="python",
    code="print('Hello, world!')",
)

print(resp.stdout)
