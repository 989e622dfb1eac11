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
	const int Practice = 3, InDoubt = 3;

	[DllImport("libc")]
	static extern void _exit(int code);

	static int Main(string[] args)
	{
		var mcs = Assembly.LoadFrom(Mcs);
		if (args[0] == "--ahead")
			return Ahead(mcs, args.Skip(1).ToArray()) ? 0 : InDoubt;
		if (File.Exists(Waiting) && Ahead(mcs, args))
			_exit(0); // what Mono does at its end, collecting garbage among it, takes longer than all before
		return (int) mcs.EntryPoint.Invoke(null, new object[] {args});
	}

	static bool Ahead(Assembly mcs, string[] args)
	{
		Practise(mcs, args);
		Marshal.Prelink(typeof(Compile).GetMethod("_exit", BindingFlags.NonPublic | BindingFlags.Static));
		var build = new Build(mcs, args);
		Clear();
		try {
			if (build.Finish())
				return true;
		} catch (Exception) { // whatever it is, the compiler proper has its own words for it
		}
		Reset(mcs);
		return false;
	}

	// Both ways, with the same references, into a file of its own.
	static void Practise(Assembly mcs, string[] args)
	{
		string result = Path.GetTempFileName();
		var invoke = mcs.GetType("Mono.CSharp.CompilerCallableEntryPoint").GetMethod("InvokeCompiler");
		var words = new[] {"-utf8output", "-out:" + result, Array.Find(args, a => a.StartsWith("-r:")), Sample};
		for (int i = 0; i < Practice; i++) {
			invoke.Invoke(null, new object[] {words, TextWriter.Null});
			Clear(); // each compile reads all references anew
			new Build(mcs, words).Finish();
			Reset(mcs);
			Clear();
		}
		File.Delete(result);
	}

	// The compiler forgets what it keeps between two compiles.
	static void Reset(Assembly mcs)
	{
		mcs.GetType("Mono.CSharp.CompilerCallableEntryPoint").GetMethod("Reset", Type.EmptyTypes).Invoke(null, null);
	}

	static void Clear()
	{
		GC.Collect();
	}
}
