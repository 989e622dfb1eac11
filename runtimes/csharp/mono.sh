#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# mono.sh: the driver of the compiler.
set -eu
cd /opt/sandglass/csharp
mcs -out:compile.exe Compile.cs Build.cs
mono compile.exe -out:sample.exe -r:System.Core Sample.cs # mcs removes what is there first, a device too
rm sample.exe
