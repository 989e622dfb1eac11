# SPDX-License-Identifier: Apache-2.0
"""`sandglass doctor`: each requirement met, or the command that meets it."""

import json
import os

from lib.scenario import cases, needs_root
from lib.server import Server


def _findings(server, *words):
    done = server.cli("doctor", "--json", "--config", server.config_path(), *words)
    findings = {f["name"]: f for f in json.loads(done.stdout)}
    assert done.returncode == (1 if any(f["state"] == "missing" for f in findings.values()) else 0), done
    return findings


@needs_root
def a_machine_that_serves_lacks_nothing(server):
    missing = [f for f in _findings(server).values() if f["state"] == "missing"]
    assert missing == [], missing


def what_is_not_met_has_a_remedy_and_only_that():
    with Server(start=False, keys=0) as server:
        for finding in _findings(server, "--set", "libexec_dir=/nowhere", "--set", "runtime_dir=/nowhere").values():
            assert finding["detail"] and (finding["state"] == "met") == (finding["remedy"] is None), finding
            assert finding["state"] in (("met", "missing") if finding["required"] else ("met", "advised")), finding


@cases(("programs", "libexec_dir=/nowhere", "make install"), ("runtimes", "runtime_dir=/nowhere", "make install"),
       ("state_dir", "state_dir=/etc/passwd/below", "state_dir="))
def a_missing_place_is_found(name, setting, remedy):
    with Server(start=False, keys=0) as server:
        finding = _findings(server, "--set", setting)[name]
        assert finding["state"] == "missing" and remedy in finding["remedy"], finding


@needs_root
@cases(("uid_base=65000", "65534"), ("uid_base=4294900000", "4294900000"))
def user_ids_that_somebody_has_are_found(setting, number):
    with Server(start=False, keys=0) as server:
        finding = _findings(server, "--set", setting)["user_ids"]
        assert number in finding["detail"] and (finding["state"] == "missing") == (number == "65534"), finding


def no_image_is_missing_only_where_the_hosts_own_is_not_offered():
    with Server(start=False, keys=0) as server:
        empty = ("--set", "image_dir=" + os.path.join(server.dir, "none"))
        assert _findings(server, *empty)["image"]["state"] == "met"
        finding = _findings(server, *empty, "--set", "host_image=false")["image"]
        assert (finding["state"], finding["remedy"]) == ("missing", "sandglass image build"), finding


@needs_root
def a_waived_wall_is_not_required():
    with Server(start=False, keys=0) as server:
        assert not _findings(server, "--set", "allow_missing_walls=landlock")["landlock"]["required"]
        assert _findings(server)["landlock"]["required"]


def the_text_names_the_same(server):
    lines = server.cli("doctor", "--config", server.config_path()).stdout.decode().splitlines()
    named = [line.split()[1] for line in lines if line[:3] in ("met", "mis", "adv")]
    assert named == list(_findings(server)), lines
