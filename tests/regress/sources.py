# SPDX-License-Identifier: Apache-2.0
"""
Source packages of Debian: from the archive that this machine's apt is configured with, by apt itself, with a state
of its own, so that the machine's stays as it is.
"""

import hashlib
import os
import shutil
import subprocess

SUITE = "trixie"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_TARGET = "$(REPO_URI) $(COMPONENT) $(ORIGIN) $(RELEASE)"


def _output(*words):
    return subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout


def archive():
    """The URI of Debian's archive, as `sandglass image build` looks for it."""
    if own := os.environ.get("SANDGLASS_DEBIAN_MIRROR"):
        return own
    lines = _output("apt-get", "indextargets", "--format", _TARGET, "Created-By: Packages").splitlines()
    found = [uri for uri, component, origin, release in map(str.split, lines)
             if component == "main" and (origin == "Debian" or origin.startswith("$")) and "-" not in release]
    if not found:
        raise OSError("this machine's apt has no Debian archive; set SANDGLASS_DEBIAN_MIRROR to the URI of one")
    return found[0]


def _apt(state, *words, where):
    options = [f"Dir::State={state}/state", f"Dir::Cache={state}/cache", f"Dir::Etc::SourceList={state}/sources.list",
               "Dir::Etc::SourceParts=/dev/null", "Dir::State::status=/dev/null", "APT::Sandbox::User=root"]
    subprocess.run(["apt-get", "--quiet=2", *(word for option in options for word in ("-o", option)), *words],
                   cwd=where, stdout=subprocess.DEVNULL, check=True)


def fetch(package, parts, directory):
    """The path of one tar with these parts of the package's sources as they came from upstream; fetched once and kept."""
    tar = directory / f"{package}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:16]}.tar"
    if tar.exists():
        return tar
    work = directory / f"{package}.part"
    shutil.rmtree(work, ignore_errors=True)
    for name in ("state/lists/partial", "cache/archives/partial"):
        (work / name).mkdir(parents=True)
    (work / "sources.list").write_text(f"deb-src [signed-by={KEYRING}] {archive()} {SUITE} main\n", encoding="utf-8")
    _apt(work, "update", where=work)
    # only upstream's tar: its sums are apt's to check, and tests need no patches of packaging
    _apt(work, "source", "--download-only", "--tar-only", "--only-source", package, where=work)
    (work / "source").mkdir()
    subprocess.run(["tar", "--extract", "--strip-components=1", "--directory", "source", "--file",
                    next(work.glob("*.orig.tar.*")).name], cwd=work, check=True)
    # the same bytes from the same sources: an image is up to date by the hash of its files
    subprocess.run(["tar", "--create", "--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0",
                    "--file", f"{tar}.part", *parts], cwd=work / "source", check=True)
    os.rename(f"{tar}.part", tar)
    shutil.rmtree(work)
    return tar
