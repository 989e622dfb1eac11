# SPDX-License-Identifier: Apache-2.0
"""Addresses that several formats share, and mounts."""


def a_request_of_any_format_gets_the_fields_of_all(server):
    result = server.run("python", "print(6 * 7)")
    assert {"id", "stdout", "stderr", "exit_code", "duration", "language", "version", "session_id", "run"} <= set(result), result
    assert result["stdout"] == result["run"]["stdout"] == "42\n" and result["run"]["code"] == 0, result


def what_did_not_compile_is_told_in_run_as_well(server):
    result = server.run("c", "int main(void) {")
    assert result["status"] == "compile_error" and "error" in result["run"]["stderr"] and result["run"]["code"] == result["compile"]["code"] == 1, result


def an_address_that_nobody_has_is_refused_as_its_beginning_tells(server):
    for path, keys in (("/api/v1/nothing", {"detail"}), ("/api/v2/nothing", {"message"}), ("/v1/nothing", {"error"})):
        reply = server.get(path)
        assert reply.status == 404 and set(reply.json) == keys and not reply.header("Allow"), reply


def under_the_native_mount_the_answer_is_native(server):
    reply = server.post("/native/v1/execute", {"language": "python", "code": "print(1)"})
    assert reply.status == 200 and "run" not in reply.json and reply.json["status"] == "ok", reply


def the_list_of_runtimes_has_what_each_reader_looks_for(server):
    rows = {row["language"]: row for row in server.get("/v1/runtimes").json}
    assert rows["c++"]["id"] == "cpp" and rows["c++"]["version"] == rows["c++"]["versions"][0]["version"], rows["c++"]
    for theirs in server.get("/runtools/v1/runtimes").json:
        row = rows[theirs["language"]]
        assert row["compiled"] == theirs["compiled"] and theirs["version"] in [v["version"] for v in row["versions"]], (row, theirs)
    assert not {"language", "version"} & set(server.get("/native/v1/runtimes").json[0])
