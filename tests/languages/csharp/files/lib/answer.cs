namespace Lib
{
	public static class Answer
	{
		public static string Text() => $"the answer is {6 * 7}";
	}
}
