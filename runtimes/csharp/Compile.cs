// SPDX-License-Identifier: Apache-2.0
using System;
using System.IO;
using System.Reflection;

// compile.exe ARG...: mcs with these arguments. A parked one compiles a sample first, over and over, so that the
// compiler's own code is there in machine code when a program comes; mcs forgets all between two compiles.
static class Compile
{
	const string Mcs = "/usr/lib/mono/4.5/mcs.exe", Sample = "/opt/sandglass/csharp/Sample.cs";
	const string Waiting = "/proc/self/fd/100"; // there while a parked process may take its time (src/ipc/park.h)
	const int Practice = 4;

	static int Main(string[] args)
	{
		var mcs = Assembly.LoadFrom(Mcs);
		if (File.Exists(Waiting))
			Practise(mcs, args);
		return (int) mcs.EntryPoint.Invoke(null, new object[] {args});
	}

	// With the same references, into a file of its own.
	static void Practise(Assembly mcs, string[] args)
	{
		string result = Path.GetTempFileName();
		var invoke = mcs.GetType("Mono.CSharp.CompilerCallableEntryPoint").GetMethod("InvokeCompiler");
		var words = new[] {"-out:" + result, Array.Find(args, a => a.StartsWith("-r:")), Sample};
		for (int i = 0; i < Practice; i++) {
			invoke.Invoke(null, new object[] {words, TextWriter.Null});
			GC.Collect(); // each compile reads all references anew
		}
		File.Delete(result);
	}
}
