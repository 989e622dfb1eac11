case class Point(x: Int, y: Int)

object Main {
  implicit class Pairs(n: Int) { def kind: String = if (n % 2 == 0) "even" else "odd" }

  lazy val fibonacci: Stream[Int] = 0 #:: 1 #:: fibonacci.zip(fibonacci.tail).map { case (a, b) => a + b }

  def main(args: Array[String]): Unit = {
    println((1 to 9).groupBy(_.kind).map { case (kind, all) => kind -> all.sum }.toList.sorted)
    println(List(Point(0, 0), Point(1, 2)).find { case Point(x, y) => y > x })
    println(fibonacci.take(8).mkString(","))
  }
}
