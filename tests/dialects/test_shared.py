# SPDX-License-Identifier: Apache-2.0
"""Addresses that several formats share, and mounts."""


def a_request_of_any_format_gets_the_fields_of_all(server):
    result = server.run("python", "print(6 * 7)")
    assert {"id", "stdout", "stderr", "exit_code", "duration", "language", "version", "session_id", "run"} <= set(result), result
    assert result["stdout"] == result["run"]["stdout"] == "42\n" and result["run"]["code"] == 0, result


def under_the_native_mount_the_answer_is_native(server):
    reply = server.post("/native/v1/execute", {"language": "python", "code": "print(1)"})
    assert reply.status == 200 and "run" not in reply.json and reply.json["status"] == "ok", reply
