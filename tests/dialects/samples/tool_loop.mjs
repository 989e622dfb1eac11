// SPDX-License-Identifier: Apache-2.0
// relaxAI's example with OpenAI's client for JavaScript: a model asks for code to be run, and it is run.
import OpenAI from 'openai';
import fetch from 'node-fetch';

const RELAX_API_KEY = process.env.API_KEY;
const openai = new OpenAI({ apiKey: RELAX_API_KEY, baseURL: process.env.MODEL_URL });

const tools = [{
  type: 'function',
  function: {
    name: 'execute_python_code',
    description: 'Execute Python code in a secure sandbox environment',
    parameters: {
      type: 'object',
      properties: {
        code: { type: 'string', description: 'The Python code to execute' },
        lang: { type: 'string', enum: ['python'], description: 'Programming language (only python supported)' },
      },
      required: ['code', 'lang'],
    },
  },
}];

const response = await openai.chat.completions.create({
  model: 'Llama-4-Maverick-17B-128E',
  messages: [{ role: 'user', content: 'Calculate the factorial of 5 using Python' }],
  tools,
  tool_choice: 'auto',
});

if (response.choices[0].message.tool_calls) {
  const functionArgs = JSON.parse(response.choices[0].message.tool_calls[0].function.arguments);
  const executionResponse = await fetch(`${process.env.BASE_URL}/v1/tools/code`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${RELAX_API_KEY}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(functionArgs),
  });
  const result = await executionResponse.json();
  console.log(`Code executed: ${functionArgs.code}`);
  console.log(`Output: ${result.stdout}`);
}
