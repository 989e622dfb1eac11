# SPDX-License-Identifier: Apache-2.0
"""
The images of the suites, each with one suite: made by `sandglass image build` of the suite's own manifest, in a
directory of their own below the cache of the image directory. Where nothing has changed it takes no time.
"""

import os
import shutil
import subprocess

import sources
from lib import paths

DIRECTORY = paths.IMAGES / ".cache" / "regress"


def root(suite):
    return DIRECTORY / suite.name / "root"


def runtimes():
    """The manifests as a build and a server read them."""
    return DIRECTORY / ".cache" / "runtimes"


def _place_manifest(suite):
    """A folder of a manifest and its files; what is beside them here is of no concern to an image."""
    place = runtimes() / suite.name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for name in ("runtime.yaml", "prepare"):
        if (suite.folder / name).exists():
            shutil.copy(suite.folder / name, place)
    if suite.source:
        os.link(sources.fetch(*suite.source, DIRECTORY / ".cache" / "sources"), place / "source.tar")


def build(suite):
    """Makes the image, or finds that it is up to date; a sentence if it cannot be made, else None."""
    _place_manifest(suite)
    words = [paths.sandglass(), "image", "build", suite.name, "--set", f"image_dir={DIRECTORY}",
             "--set", f"runtime_dir={runtimes()}"]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return None if done.returncode == 0 else f"no image: {done.stdout.strip()[-1000:]}"
