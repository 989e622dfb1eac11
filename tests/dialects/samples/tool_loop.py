# SPDX-License-Identifier: Apache-2.0
"""relaxAI's example with OpenAI's client for Python: a model asks for code to be run, and it is run."""

import json
import os

import requests
from openai import OpenAI

RELAX_API_KEY = os.environ["API_KEY"]
client = OpenAI(api_key=RELAX_API_KEY, base_url=os.environ["MODEL_URL"])

tools = [{
    "type": "function",
    "function": {
        "name": "execute_python_code",
        "description": "Execute Python code in a secure sandbox environment",
        "parameters": {
            "type": "object",
            "properties": {
                "code": {"type": "string", "description": "The Python code to execute"},
                "lang": {"type": "string", "enum": ["python"], "description": "Programming language (only python supported)"},
            },
            "required": ["code", "lang"],
        },
    },
}]

response = client.chat.completions.create(
    model="Llama-4-Maverick-17B-128E",
    messages=[{"role": "user", "content": "Calculate the factorial of 5 using Python"}],
    tools=tools,
    tool_choice="auto",
)

if response.choices[0].message.tool_calls:
    tool_call = response.choices[0].message.tool_calls[0]
    function_args = json.loads(tool_call.function.arguments)
    execution_response = requests.post(
        f"{os.environ['BASE_URL']}/v1/tools/code",
        headers={"Authorization": f"Bearer {RELAX_API_KEY}", "Content-Type": "application/json"},
        json=function_args,
        timeout=60,
    )
    result = execution_response.json()
    print(f"Code executed: {function_args['code']}")
    print(f"Output: {result['stdout']}")
