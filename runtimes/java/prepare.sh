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
cat > Sample.java <<'END'
import java.util.*;
import java.util.stream.*;

public class Main {
	interface Shape { double area(); }
	record Square(double side) implements Shape { public double area() { return side * side; } }
	enum Colour { RED, GREEN }

	static <T extends Comparable<T>> T most(Collection<T> of) {
		return of.stream().max(Comparator.naturalOrder()).orElseThrow();
	}

	public static void main(String[] args) throws Exception {
		Map<String, List<Integer>> map = new TreeMap<>();
		for (String arg : args)
			map.computeIfAbsent(arg, k -> new ArrayList<>()).add(arg.length());
		System.out.printf("%s %s %s%n", map, most(List.of(1, 2)), Stream.of(Colour.values()).map(c -> switch (c) {
			case RED -> "red";
			case GREEN -> "green";
		}).collect(Collectors.joining(",")));
		Runnable later = () -> System.out.println(new Square(2).area());
		later.run();
	}
}
END
"${java}c" -d classes "$here/Compile.java"
"${java%java}jar" --create --file="$here/$1/compile.jar" --main-class=Compile -C classes . Sample.java
"$java" -XX:+UseSerialGC "-XX:ArchiveClassesAtExit=$here/$1/compile.jsa" -jar "$here/$1/compile.jar" \
	main.jar Sample.java -- Sample.java
"$java" -XX:+UseSerialGC -jar main.jar
cd /
rm -rf "$work"
