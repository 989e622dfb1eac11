// SPDX-License-Identifier: Apache-2.0
// Much of what Mono does with threads and processes; the same output whichever way it was started.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

static class Features
{
	static int Loop(int count)
	{
		int sum = 0;
		for (int i = 0; i < count; i++)
			sum = unchecked(sum * 31 + i);
		return sum;
	}

	static async Task<int> Later(int value)
	{
		await Task.Delay(3);
		return value;
	}

	static void Network()
	{
		var listener = new TcpListener(IPAddress.Loopback, 0);
		listener.Start();
		var server = Task.Run(() => {
			using (var peer = listener.AcceptTcpClient())
			using (var writer = new StreamWriter(peer.GetStream()))
				writer.Write(new StreamReader(peer.GetStream()).ReadLine().ToUpper());
		});
		using (var client = new TcpClient("127.0.0.1", ((IPEndPoint) listener.LocalEndpoint).Port)) {
			var writer = new StreamWriter(client.GetStream()) {AutoFlush = true};
			writer.WriteLine("hello");
			Console.WriteLine("network " + new StreamReader(client.GetStream()).ReadToEnd());
		}
		server.Wait();
	}

	static int Main(string[] args)
	{
		Console.WriteLine(args.Length + " " + Directory.GetCurrentDirectory() + " " + Environment.GetCommandLineArgs()[0]);
		Console.WriteLine("pid " + (Process.GetCurrentProcess().Id > 0));
		var threads = Enumerable.Range(0, 4).Select(i => new Thread(() => Loop(100000 + i))).ToList();
		threads.ForEach(t => t.Start());
		threads.ForEach(t => t.Join());
		Console.WriteLine("tasks " + Task.WhenAll(Enumerable.Range(0, 20).Select(Later)).Result.Sum());
		Console.WriteLine("parallel " + ParallelEnumerable.Range(0, 10000).Select(i => i % 7).Sum());
		try {
			string none = args.Length == 0 ? null : "";
			Console.WriteLine(none.Length);
		} catch (NullReferenceException e) {
			Console.WriteLine("null " + e.GetType().Name);
		}
		Network();
		var echo = Process.Start(new ProcessStartInfo("/bin/echo", "sub") {RedirectStandardOutput = true, UseShellExecute = false});
		Console.WriteLine("process " + echo.StandardOutput.ReadToEnd().Trim());
		echo.WaitForExit();
		Console.WriteLine("exit code " + echo.ExitCode);
		using (var ticked = new ManualResetEvent(false))
		using (new Timer(s => ticked.Set(), null, 2, Timeout.Infinite))
			Console.WriteLine("timer " + ticked.WaitOne(30000));
		var kept = new List<byte[]>();
		for (int i = 0; i < 3000; i++) {
			kept.Add(new byte[10000]);
			if (kept.Count > 500)
				kept.Clear();
		}
		GC.Collect();
		GC.WaitForPendingFinalizers();
		Console.WriteLine("collected " + kept.Count + " compiled " + Loop(10000000));
		Console.WriteLine("input " + Console.In.ReadToEnd().Length);
		AppDomain.CurrentDomain.ProcessExit += (s, e) => Console.WriteLine("exit");
		if (new FileInfo("mode").Length != 0)
			throw new InvalidOperationException("uncaught");
		return 7;
	}
}
