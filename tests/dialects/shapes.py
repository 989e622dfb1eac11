# SPDX-License-Identifier: Apache-2.0
"""
What the answers of each format consist of, as its documents and clients have it: every key, and of what type its value is.
A strict client is one that refuses what is not here.
"""

import re

from lib import paths


class Maybe:
    """The shape, or null."""

    def __init__(self, shape):
        self.shape = shape


class Either:
    """One of several shapes or values."""

    def __init__(self, *shapes):
        self.shapes = shapes


class Anything:
    """Whatever a caller has sent or a program has made."""


ANY = Anything()
NUMBER = Either(int, float)


def faults(value, shape, where="answer"):
    """What in value is not as shape says, in words: a list of sentences. "key?" need not be there."""
    if isinstance(shape, Anything):
        return []
    if isinstance(shape, Maybe):
        return [] if value is None else faults(value, shape.shape, where)
    if isinstance(shape, Either):
        tried = [faults(value, one, where) for one in shape.shapes]
        return [] if [] in tried else min(tried, key=len)
    if isinstance(shape, dict):
        return _faults_of_object(value, shape, where)
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{where} is no array: {value!r:.80}"]
        return [fault for i, one in enumerate(value) for fault in faults(one, shape[0], f"{where}[{i}]")]
    if isinstance(shape, type):
        # true is no number in JSON
        return [] if isinstance(value, shape) and isinstance(value, bool) == (shape is bool) else [f"{where} is no {shape.__name__}: {value!r:.80}"]
    return [] if value == shape else [f"{where} is {value!r:.80}, not {shape!r}"]


def _faults_of_object(value, shape, where):
    if not isinstance(value, dict):
        return [f"{where} is no object: {value!r:.80}"]
    known = {key.rstrip("?"): one for key, one in shape.items()}
    found = [f"{where} has '{key}', which this format does not know" for key in value if key not in known]
    found += [f"{where} lacks '{key}'" for key in shape if not key.endswith("?") and key not in value]
    return found + [fault for key, one in known.items() if key in value for fault in faults(value[key], one, f"{where}.{key}")]


# --- Riza ---

_RUN = {"id": str, "exit_code": int, "stdout": str, "stderr": str, "duration": int}
_FUNCTION = {"output": ANY, "output_status": Either("valid", "json_serialization_error", "error"), "execution": _RUN}
_TOOL = {"id": str, "code": str, "description": str, "input_schema": dict, "language": Either("python", "javascript", "typescript"), "name": str,
         "revision_id": str, "runtime_revision_id?": str}
_SECRET = {"id": str, "name": str}
# status_message is ours: without it nobody would know why a build has failed
_BUILD = {"status": Either("pending", "building", "succeeded", "failed", "cancelled"), "status_message?": str,
          "manifest_file": {"name": Either("requirements.txt", "package.json"), "contents": str}, "additional_python_imports?": str}
_RUNTIME = {"id": str, "engine": Either("wasi", "microvm", "v8"), "language": Either("python", "javascript"), "name": str, "revision_id": str, **_BUILD}
_REVISION = {"id": str, "runtime_id": str, **_BUILD}
_EXECUTION = {"id": str, "duration": int, "exit_code": int, "language": str, "started_at": str}
_DETAILS = Either({"type": "script", "request": dict, "response": _RUN}, {"type": "function", "request": dict, "response": _FUNCTION},
                  {"type": "tool", "tool_id": str, "request": dict, "response": _FUNCTION})

# --- RunTools ---

_COST = {"time_ms": int, "memory_kb": int}
_COMPILE = {"stdout": str, "stderr": str, "code": int, **_COST}
_STAGE = {"stdout": str, "stderr": str, "code": Maybe(int), "signal": Maybe(str), **_COST}
_V2 = {"language": str, "version": str, "session_id": Maybe(str), "compile?": _COMPILE, "run": _STAGE}
_V1 = {"data": {"stdout": str, "stderr": str, "exitCode": int, "executionTime": int, "timedOut": bool}}

# --- relaxAI ---

_RELAXAI = {"success": bool, "stdout": str, "stderr": str, "exit_code": int, "execution_time": float, "security_checked": True, "violations": [str],
            "plots": [{"content_base64": str, "format": str, "filename": str}]}

# --- Piston ---

_PISTON_STAGE = {"signal": Maybe(str), "stdout": str, "stderr": str, "code": Maybe(int), "output": str, "memory": Maybe(int), "message": Maybe(str),
                 "status": Maybe(Either("RE", "SG", "TO", "OL", "EL", "XX")), "cpu_time": int, "wall_time": int}
_PISTON = {"compile?": _PISTON_STAGE, "run": _PISTON_STAGE, "language": str, "version": str}
_PACKAGE = {"language": str, "version": str}
_STAGE_NAME = Either("compile", "run")
MESSAGE = Either({"type": "runtime", "language": str, "version": str}, {"type": "stage", "stage": _STAGE_NAME},
                 {"type": "data", "stream": Either("stdout", "stderr"), "data": str},
                 {"type": "exit", "stage": _STAGE_NAME, "code": Maybe(int), "signal": Maybe(str), "error?": str}, {"type": "error", "message": str})

# --- Nadoo ---

_NADOO = {"execution_id": str, "stdout": str, "stderr": str, "exit_code": int, "execution_time": float, "language": str, "session_id": Maybe(str)}
_STATUS = {"execution_id": str, "status": Either("pending", "running", "completed", "failed"), "created_at": str, "started_at": Maybe(str),
           "completed_at": Maybe(str), "result": Maybe(_NADOO)}
_INFO = {"language": str, "docker_image": str, "file_extension": str, "max_execution_time": int, "max_memory": str, "max_cpu": float}
_PROVIDER = {"name": str, "healthy": bool, "message": str, "pool_size": int, "available": int, "busy": int}
_PROVIDER_METRICS = {
    "provider": str, **{f"{name}_executions": int for name in ("total", "successful", "failed", "timeout")}, "success_rate": float,
    **{f"{name}_execution_time_ms": float for name in ("avg", "p50", "p95", "p99")}, "cold_start_count": int, "warm_start_count": int,
    "cold_start_ratio": float, "pool_hits": int, "pool_misses": int, "pool_hit_ratio": float}
_HEALTH = {"status": Either("healthy", "degraded"), "service": str, "version": str, "warm_pool_enabled": bool, "checks": {"docker": bool, "executor": bool},
           "pool": Maybe({"total": int, "available": int, "busy": int})}
_PYDANTIC = {"type": str, "loc": [Either(str, int)], "msg": str, "input?": ANY, "ctx?": {"error": str}}

# --- by format and address, as src/door/routes.def has them; {} is an id ---

ERRORS = {
    "RIZA": {"code": int, "message": str},
    "RUNTOOLS2": {"error": {"code": str, "message": str, "requestId": str}},
    "RUNTOOLS1": {"error": {"code": str, "message": str, "requestId": str}},
    "RELAXAI": {"error": {"message": str, "type": str, "param": Maybe(str), "code": str}},
    "PISTON": Either({"message": str}, {"stack": str}),
    "NADOO": {"detail": Either(str, [_PYDANTIC])},
}
MOUNTS = {"RIZA": "/riza", "RUNTOOLS2": "/runtools", "RUNTOOLS1": "/runtools", "RELAXAI": "/relaxai", "PISTON": "/piston", "NADOO": "/nadoo"}

ANSWERS = {
    ("RIZA", "POST /v1/execute"): _RUN,
    ("RIZA", "POST /v1/execute-function"): _FUNCTION,
    ("RIZA", "POST /v1/tools"): _TOOL,
    ("RIZA", "GET /v1/tools"): {"tools": [_TOOL]},
    ("RIZA", "GET /v1/tools/{}"): _TOOL,
    ("RIZA", "POST /v1/tools/{}"): _TOOL,
    ("RIZA", "POST /v1/tools/{}/execute"): _FUNCTION,
    ("RIZA", "POST /v1/secrets"): _SECRET,
    ("RIZA", "GET /v1/secrets"): {"secrets": [_SECRET]},
    ("RIZA", "POST /v1/runtimes"): _RUNTIME,
    ("RIZA", "GET /v1/runtimes"): {"runtimes": [_RUNTIME]},
    ("RIZA", "GET /v1/runtimes/{}"): _RUNTIME,
    ("RIZA", "DELETE /v1/runtimes/{}"): {"id": str, "deleted": bool},
    ("RIZA", "POST /v1/runtimes/{}/revisions"): _REVISION,
    ("RIZA", "GET /v1/runtimes/{}/revisions"): {"revisions": [_REVISION]},
    ("RIZA", "GET /v1/runtimes/{}/revisions/{}"): _REVISION,
    ("RIZA", "GET /v1/executions"): {"data": [_EXECUTION]},
    ("RIZA", "GET /v1/executions/{}"): {**_EXECUTION, "details?": _DETAILS},
    ("RUNTOOLS2", "POST /v1/execute"): _V2,
    ("RUNTOOLS2", "GET /v1/runtimes"): [{"language": str, "version": str, "aliases": [str], "compiled": bool}],
    ("RUNTOOLS1", "POST /v1/execute"): _V1,
    ("RELAXAI", "POST /v1/tools/code"): _RELAXAI,
    ("PISTON", "GET /"): {"message": str},
    ("PISTON", "GET /api/v2/runtimes"): [{"language": str, "version": str, "aliases": [str], "runtime?": str}],
    ("PISTON", "POST /api/v2/execute"): _PISTON,
    ("PISTON", "GET /api/v2/connect"): None,
    ("PISTON", "GET /api/v2/packages"): [{"language": str, "language_version": str, "installed": bool}],
    ("PISTON", "POST /api/v2/packages"): _PACKAGE,
    ("PISTON", "DELETE /api/v2/packages"): _PACKAGE,
    ("NADOO", "POST /api/v1/execute"): _NADOO,
    ("NADOO", "POST /api/v1/execute/async"): _STATUS,
    ("NADOO", "POST /api/v1/execute/batch"): [_NADOO],
    ("NADOO", "GET /api/v1/execute/status/{}"): _STATUS,
    ("NADOO", "GET /api/v1/execute/languages"): [str],
    ("NADOO", "GET /api/v1/execute/language/{}/info"): _INFO,
    ("NADOO", "DELETE /api/v1/execute/session/{}"): {"message": str},
    ("NADOO", "GET /api/v1/execute/health"): {"status": "healthy", "service": str, "version": str, "supported_languages": int},
    ("NADOO", "GET /health"): _HEALTH,
    ("NADOO", "GET /"): {"service": str, "version": str, "status": "running", "warm_pool_enabled": bool, "endpoints": {
        name: str for name in ("execute", "execute_async", "batch", "status", "languages", "providers", "health")}},
    ("NADOO", "GET /api/v1/providers"): {"providers": [_PROVIDER], "default": str, "fallback_chain": [str]},
    ("NADOO", "GET /api/v1/providers/{}"): _PROVIDER,
    ("NADOO", "GET /api/v1/providers/{}/health"): _PROVIDER,
    ("NADOO", "GET /api/v1/providers/{}/metrics"): _PROVIDER_METRICS,
    ("NADOO", "POST /api/v1/providers/{}/warmup"): {"runtime": str, "requested": int, "warmed": int},
}
# under another address the same
for _words in ("GET {}/runtimes", "POST {}/execute", "GET {}/connect"):
    ANSWERS["PISTON", _words.format("/api/v2/piston")] = ANSWERS["PISTON", _words.format("/api/v2")]


def routes():
    """{(format, "METHOD /path"): who may ask} of src/door/routes.def, for the formats of this table."""
    found = {}
    text = (paths.SOURCE / "src/door/routes.def").read_text()
    for method, path, who, formats in re.findall(r'^X\((\w+),\s*"([^"]+)",\s*(\w+),\s*(.*?), \w+\)$', text, re.MULTILINE):
        for name in re.findall(r"OF\((\w+)\)", formats):
            if name in ERRORS:
                found[name, f"{method} {path}"] = who
    return found


def native_words():
    """All that docs/api.md names: in its tables and text as `name`, in its examples as "name"."""
    text = (paths.SOURCE / "docs/api.md").read_text()
    return set(re.findall(r"`([a-z_]+)`", text)) | set(re.findall(r'"([a-z_]+)"\s*:', text))
