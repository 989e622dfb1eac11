# SPDX-License-Identifier: Apache-2.0
# The program around a function: calls execute(input) of function.py and leaves what it returned as a file.
import json
import sys
import traceback


def call():
    with open("/work/.input.json", encoding="utf-8") as file:
        value = json.load(file)
    import function
    result = function.execute(value)
    if hasattr(result, "__await__"):
        import asyncio

        async def wait():
            return await result
        result = asyncio.run(wait())
    return result


def leave(result):
    # an empty file says that there was a value, but none that JSON has
    with open("/work/.output.json", "w", encoding="utf-8") as file:
        try:
            file.write(json.dumps(result, allow_nan=False))
        except (TypeError, ValueError, RecursionError) as e:
            file.truncate(0)
            print(f"execute() returned what is no JSON: {type(e).__name__}: {e}", file=sys.stderr)


try:
    _result = call()
except Exception as e:
    # from the function's own first line on
    trace = e.__traceback__
    while trace and trace.tb_frame.f_code.co_filename != "/work/function.py":
        trace = trace.tb_next
    traceback.print_exception(type(e), e, trace)
    sys.exit(1)
leave(_result)
