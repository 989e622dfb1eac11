// SPDX-License-Identifier: Apache-2.0
using System;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;

// compile.exe ARG...: mcs with these arguments. A parked one compiles a sample first, over and over, so that the
// compiler's own code is there in machine code when a program comes, and then reads the references ahead (Build.cs).
// compile.exe --ahead ARG...: that alone; 3 if it has doubts, which are for mcs.
static class Compile
{
	const string Mcs = "/usr/lib/mono/4.5/mcs.exe", Sample = "/opt/sandglass/csharp/Sample.cs";
	const string Waiting = "/proc/self/fd/100"; // there while a parked process may take its time (src/ipc/park.h)
	const string Zygote = "/proc/self/fd/103"; // a directory, in one that is copied
	const string Meeting = Waiting + "/meeting"; // where a zygote waits to be copied; in copies that have time it is there
	const int Practice = 3, InDoubt = 3;

	[DllImport("libc")]
	static extern void _exit(int code);

	static int Main(string[] args)
	{
		var mcs = Assembly.LoadFrom(Mcs);
		bool only = args[0] == "--ahead";
		var build = only || File.Exists(Waiting) ? TryAhead(mcs, only ? args.Skip(1).ToArray() : args) : null;
		if (build != null)
			_exit(build.Say()); // what Mono does at its end, collecting garbage among it, takes longer than all before
		if (only)
			return InDoubt;
		return (int) mcs.EntryPoint.Invoke(null, new object[] {args});
	}

	// What has come of it; null: doubts.
	static Build TryAhead(Assembly mcs, string[] args)
	{
		try {
			return Ahead(mcs, args);
		} catch (Exception) { // whatever it is, mcs has its own words for it
			Reset(mcs);
			return null;
		}
	}

	static Build Ahead(Assembly mcs, string[] args)
	{
		string result = Path.GetTempFileName();
		// with the same references, into a file of its own
		var practice = new[] {"-utf8output", "-out:" + result, Array.Find(args, a => a.StartsWith("-r:")), Sample};
		Practise(mcs, practice);
		File.Delete(result);
		Marshal.Prelink(typeof(Compile).GetMethod("_exit", BindingFlags.NonPublic | BindingFlags.Static));
		var last = Directory.Exists(Zygote) ? new Build(mcs, practice) : null;
		var build = new Build(mcs, args);
		GC.Collect();
		if (File.Exists(Meeting)) {
			Finish(mcs, last);
			File.Delete(result);
		}
		return Finish(mcs, build) ? build : null;
	}

	// In both ways.
	static void Practise(Assembly mcs, string[] args)
	{
		var invoke = mcs.GetType("Mono.CSharp.CompilerCallableEntryPoint").GetMethod("InvokeCompiler");
		for (int i = 0; i < Practice; i++) {
			invoke.Invoke(null, new object[] {args, TextWriter.Null});
			GC.Collect(); // each compile reads all references anew
			Finish(mcs, new Build(mcs, args));
			GC.Collect();
		}
	}

	static bool Finish(Assembly mcs, Build build)
	{
		bool done = build.Finish();
		Reset(mcs);
		return done;
	}

	// The compiler forgets what it keeps between two compiles.
	static void Reset(Assembly mcs)
	{
		mcs.GetType("Mono.CSharp.CompilerCallableEntryPoint").GetMethod("Reset", Type.EmptyTypes).Invoke(null, null);
	}
}
