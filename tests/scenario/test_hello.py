# SPDX-License-Identifier: Apache-2.0
"""The first thing anybody does: a hello in every runtime, and the choice of runtime and version."""

from lib import manifest
from lib.scenario import Skip, cases


def every_runtime_that_is_offered_says_its_hello(server):
    offered = {r["id"]: r for r in server.get("/v1/runtimes").json if r["versions"]}
    assert {"python", "javascript", "bash", "c", "binary"} <= set(offered), sorted(offered)
    for language in offered:
        hello = manifest.hello_of(language)
        result = server.run(language, hello["code"])
        assert (result["status"], result["stdout"], result["stderr"]) == ("ok", hello["output"], ""), result
        assert (result["exit_code"], result["signal"]) == (0, None), result


@cases("python", "Python", "PYTHON", "py", "Py", "python3")
def a_language_has_aliases_in_any_case(server, name):
    result = server.run(name, "print(1)")
    assert (result["language"], result["stdout"]) == ("python", "1\n"), result


@cases("sqlite", "postgres")
def sql_is_known_by_names_of_databases(server, name):
    sql = next(r for r in server.get("/v1/runtimes").json if r["id"] == "sql")
    assert name in sql["aliases"] and sql["name"] == "SQL (SQLite)", sql
    if not sql["versions"]:
        raise Skip("no image holds it")
    result = server.run(name, "select 6 * 7 as answer;", flags=["-json"])
    assert (result["language"], result["stdout"]) == ("sql", '[{"answer":42}]\n'), result


def the_answer_names_the_version_that_ran(server):
    result = server.run("python", "import platform; print(platform.python_version())")
    assert result["stdout"].strip() == result["version"], result


def version_selectors_pick_what_matches(server):
    version = server.run("python", "0")["version"]
    major, minor = version.split(".")[:2]
    for selector in ("*", "", major, f"{major}.{minor}", version, f">={major}.{minor}", f"<{int(major) + 1}",
                     f">={major},<{int(major) + 1}", f"={version}"):
        assert server.run("python", "0", version=selector)["version"] == version, selector


@cases("2", "3.99", ">99", "<1", "99.1.2")
def a_version_that_is_not_installed_is_refused_by_name(server, selector):
    reply = server.execute("python", "0", version=selector)
    assert (reply.status, reply.error["code"], reply.error["field"]) == (400, "unknown_version", "version"), reply


@cases(">=", "three", "3..1", "^3", "3 || 4", "3.*x")
def a_malformed_version_selector_is_refused(server, selector):
    reply = server.execute("python", "0", version=selector)
    assert reply.status == 400 and reply.error["field"] == "version", reply


@cases("klingon", "", "python ", "python\0", "../python", "p" * 10000)
def an_unknown_language_is_refused_by_name(server, language):
    reply = server.execute(language, "0")
    assert reply.status == 400 and reply.error["field"] == "language", reply
    assert reply.error["code"] in ("unknown_language", "invalid_field"), reply


def runs_see_none_of_each_other(server):
    server.run("bash", "echo secret > /tmp/left; echo secret > /work/left; echo secret > /dev/shm/left")
    result = server.run("bash", "ls -A /tmp /dev/shm; cat /work/left")
    assert "secret" not in result["stdout"] and "left" not in result["stdout"], result
