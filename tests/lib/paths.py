# SPDX-License-Identifier: Apache-2.0
"""Where things are: the source tree, the build, images."""

import os
import pathlib

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("SANDGLASS_BUILD_DIR", SOURCE / "build" / "normal")).resolve()
INJECTION_BUILD = pathlib.Path(os.environ.get("SANDGLASS_INJECTION_BUILD_DIR", SOURCE / "build" / "injection"))
IMAGES = pathlib.Path(os.environ.get("SANDGLASS_IMAGE_DIR", "/var/lib/sandglass/images"))
CLIENTS = pathlib.Path(os.environ.get("SANDGLASS_CLIENTS_DIR", SOURCE / "build" / "clients"))  # tests/dialects/clients/setup


def role_dir(build=BUILD):
    return build / "src" / "role"


def sandglassd(build=BUILD):
    return role_dir(build) / "sandglassd"


def sandglass(build=BUILD):
    return build / "src" / "cli" / "sandglass"


def image_names():
    return sorted(path.parent.name for path in IMAGES.glob("*/root")) if IMAGES.is_dir() else []
