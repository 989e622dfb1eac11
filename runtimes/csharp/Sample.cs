// SPDX-License-Identifier: Apache-2.0
// What a parked compiler compiles until a program comes: some of everything.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;

namespace Sample
{
	interface IShape { double Area { get; } }

	struct Square : IShape
	{
		readonly double side;
		public Square(double side) { this.side = side; }
		public double Area { get { return side * side; } }
	}

	enum Colour { Red, Green }

	abstract class Base<T> where T : IComparable<T>
	{
		public event EventHandler Changed;
		public abstract T Value { get; set; }
		protected void Change() { if (Changed != null) Changed(this, EventArgs.Empty); }
		public static bool operator <(Base<T> a, Base<T> b) { return a.Value.CompareTo(b.Value) < 0; }
		public static bool operator >(Base<T> a, Base<T> b) { return b < a; }
	}

	sealed class Number : Base<int>
	{
		int value;
		public override int Value { get { return value; } set { this.value = value; Change(); } }
		public int this[int i] { get { return (value >> i) & 1; } }
		public override string ToString() { return string.Format("{0:D3}", value); }
	}

	static class Program
	{
		static IEnumerable<int> Count(int to)
		{
			for (int i = 0; i < to; i++)
				yield return i;
		}

		static async Task<int> Later(int x)
		{
			await Task.Delay(1);
			return x;
		}

		static int Sum(this IEnumerable<int> of, params int[] more)
		{
			int sum = 0;
			foreach (int x in of)
				sum += x;
			return sum + more.Length;
		}

		static void Main(string[] args)
		{
			var words = new Dictionary<string, List<int>> { { "a", new List<int> { 1, 2 } } };
			var query = from w in words where w.Value.Count > 0 orderby w.Key select new { w.Key, Most = w.Value.Max() };
			foreach (var row in query)
				Console.WriteLine($"{row.Key}: {row.Most,4} {Colour.Green}");
			try {
				object o = args.Length > 0 ? (object) args[0] : null;
				switch (o as string) {
				case "x": throw new ArgumentException("x");
				case null: break;
				default: Console.WriteLine(o is string s ? s.Length : 0); break;
				}
			} catch (ArgumentException e) when (e.Message != null) {
				Console.Error.WriteLine(e);
			} finally {
				Console.Out.Flush();
			}
			Func<int, int> twice = x => x * 2;
			var text = new StringBuilder();
			for (int i = 0; i < 3; i++)
				text.Append(twice(i)).Append(i == 2 ? '.' : ',');
			(int low, int high) pair = (1, 2);
			lock (text)
				Console.WriteLine(text + new Number { Value = pair.high }.ToString() + Count(4).Sum(1, 2) + Later(3).Result + new Square(2).Area);
			using (var reader = new StringReader("a\nb"))
				while (reader.ReadLine() is string line)
					Console.Write(line);
		}
	}
}
