var words = args.ToList();
var point = new Point(1, 2);
string? none = null;
int sum = point switch { { X: > 0 } => point.X + point.Y, _ => 0 };
Console.WriteLine($"{words.Count} {string.Join(",", words)} {point} {sum}{none}");

record Point(int X, int Y);
