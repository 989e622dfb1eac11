# SPDX-License-Identifier: Apache-2.0
"""The output of programs is arbitrary bytes and arrives intact."""

import base64

from lib.scenario import cases

ALL = bytes(range(256))


def _write(data):
    return f"import sys; sys.stdout.buffer.write(bytes.fromhex('{data.hex()}'))"


def _text(server, data):
    return server.run("python", _write(data))["stdout"]


@cases(ALL, ALL * 100, b"", b"\0", b"\xff", b"\xc3", b"\xf0\x9f\x98", b"\xed\xa0\x80", b"a\0b", "grün \U0001f600".encode())
def base64_is_exact(server, data):
    result = server.run("python", _write(data) if len(data) < 1000 else f"import sys; sys.stdout.buffer.write(bytes(range(256)) * {len(data) // 256})",
                        output_encoding="base64")
    assert base64.b64decode(result["stdout"], validate=True) == data, result


def both_streams_of_both_stages_are_in_base64(server):
    result = server.run("c", "#warning w\n#include <stdio.h>\nint main(void){puts(\"o\");fputs(\"e\", stderr);}", output_encoding="base64")
    assert [base64.b64decode(result[s]) for s in ("stdout", "stderr")] == [b"o\n", b"e"], result
    assert b"#warning w" in base64.b64decode(result["compile"]["stderr"]), result


@cases(b"plain\n", b"", "grün €\U0001f600\U0010ffff".encode(), b"tab\t cr\r nul\0 bell\x07 esc\x1b[31m del\x7f", b'"\\/', "\u2028\u2029\ufeff".encode())
def valid_utf8_arrives_as_it_is(server, data):
    assert _text(server, data) == data.decode()


@cases(b"\xff", b"a\xffb", b"\xc3(", b"\xe2\x82", b"\xf0\x9f\x98", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80\x80", ALL)
def invalid_bytes_become_replacement_characters_as_everywhere(server, data):
    assert _text(server, data) == data.decode("utf-8", "replace")


def a_character_split_between_writes_is_whole(server):
    code = "import os, time\nfor b in '€\\U0001f600'.encode(): os.write(1, bytes([b])); time.sleep(0.01)"
    assert server.run("python", code)["stdout"] == "€\U0001f600"


def one_byte_writes_arrive_in_order(server):
    code = "import os\nfor i in range(20000): os.write(1, b'%d' % (i % 10))"
    assert server.run("python", code)["stdout"] == "0123456789" * 2000


def closing_the_output_early_is_no_error(server):
    result = server.run("bash", "echo a; exec >&- 2>&-; sleep 0.2; exit 5")
    assert (result["status"], result["exit_code"], result["stdout"]) == ("error", 5, "a\n") and result["wall_time_ms"] >= 200, result


def the_program_may_open_its_own_standard_streams(server):
    result = server.run("bash", "echo one > /dev/stdout; echo two > /dev/stderr; echo three > /proc/self/fd/1; cat /dev/stdin", stdin="four")
    assert (result["stdout"], result["stderr"]) == ("one\nthree\nfour", "two\n"), result
