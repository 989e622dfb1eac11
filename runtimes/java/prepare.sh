#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# prepare.sh FEATURE: the driver as a jar, and an archive of the classes that compiling needs,
# so that the JVM maps them instead of reading and checking them each time.
set -eu
java=/usr/lib/jvm/java-$1-openjdk-$(dpkg --print-architecture)/bin/java
here=/opt/sandglass/java
mkdir -p "$here/$1"
ln -sfn "$(dirname "$(dirname "$java")")" "$here/$1/jdk"
work=$(mktemp -d)
cd "$work"
javac=jdk.compiler/com.sun.tools.javac.api
"${java}c" --add-exports "$javac=ALL-UNNAMED" -d classes "$here/Compile.java"
echo "Add-Exports: $javac" > manifest
"${java%java}jar" --create --file="$here/$1/compile.jar" --main-class=Compile --manifest=manifest \
	-C classes . -C "$here" Sample.java -C "$here" Broken.java -C "$here" Hello.java
"$java" -XX:+UseSerialGC "-XX:ArchiveClassesAtExit=$here/$1/compile.jsa" -jar "$here/$1/compile.jar" \
	main.jar "$here/Sample.java" -- "$here/Sample.java"
"$java" -XX:+UseSerialGC -jar main.jar < /dev/null
cd /
rm -rf "$work"
