#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# prepare.sh: of the .NET SDK in /opt/dotnet, what jails need: the compiler, the runtime it is for, what programs are
# compiled against. MSBuild, NuGet, templates and ASP.NET are of no use without a network, and are most of it.
set -eu
dotnet=/opt/dotnet
here=/opt/sandglass/csharp

newest() { # DIRECTORY PATTERN: of the versions in it
	(cd "$dotnet/$1" && ls -d $2 2> /dev/null) | sort -V | tail -1
}

sdk=$(newest sdk '[0-9]*')
feature=$(echo "$sdk" | cut -d . -f 1,2)
major=${feature%.*}
runtime=$(newest shared/Microsoft.NETCore.App "$feature.*")
reference=packs/Microsoft.NETCore.App.Ref/$(newest packs/Microsoft.NETCore.App.Ref "$feature.*")

kept=$(mktemp -d -p /opt)
for part in dotnet host LICENSE.txt ThirdPartyNotices.txt "shared/Microsoft.NETCore.App/$runtime" \
	"sdk/$sdk/Roslyn/bincore" "$reference"; do
	[ -e "$dotnet/$part" ] || continue
	mkdir -p "$kept/${part%"${part##*/}"}"
	mv "$dotnet/$part" "$kept/$part"
done
rm -rf "$dotnet"
mv "$kept" "$dotnet"
rm -f "$dotnet/sdk/$sdk/Roslyn/bincore"/*/*.resources.dll # messages in other languages
chmod -R u=rwX,go=rX "$dotnet"
chmod 755 "$dotnet/dotnet"

ln -sfn "$dotnet/sdk/$sdk/Roslyn/bincore" "$here/roslyn"
printf '{"runtimeOptions": {"tfm": "net%s", "framework": {"name": "Microsoft.NETCore.App", "version": "%s"}}}\n' \
	"$feature" "$runtime" > "$here/runtimeconfig.json"

# What MSBuild would tell the compiler of a new project.
{
	echo '-nostdlib'
	echo "-define:RELEASE;NET;NETCOREAPP;NET$(echo "$feature" | tr . _)"
	seq -f '-define:NET%g_0_OR_GREATER' 5 "$major"
	find "$dotnet/$reference/ref" -name '*.dll' | sort | sed 's/^/-r:/'
	[ ! -d "$dotnet/$reference/analyzers" ] ||
		find "$dotnet/$reference/analyzers/dotnet/cs" -maxdepth 1 -name '*.dll' | sort | sed 's/^/-analyzer:/'
	[ "$major" -lt 6 ] || echo "$here/usings.cs" # C# 10
} > "$here/options"
for space in System System.Collections.Generic System.IO System.Linq System.Net.Http System.Threading \
	System.Threading.Tasks; do
	echo "global using global::$space;"
done > "$here/usings.cs"

# It is offered only if it works here: a library that is missing is better found now.
work=$(mktemp -d)
cd "$work"
echo 'class Hello { static void Main() { System.Console.WriteLine(42); } }' > hello.cs
"$here/csc" -nologo -noconfig -out:hello.exe "@$here/options" hello.cs
[ "$("$dotnet/dotnet" exec --runtimeconfig "$here/runtimeconfig.json" hello.exe)" = 42 ]
cd /
rm -rf "$work"
echo "$runtime" > "$here/version"
