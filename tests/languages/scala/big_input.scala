object Main {
  def main(args: Array[String]): Unit = {
    val buffer = new Array[Byte](65536)
    val sizes = Iterator.continually(System.in.read(buffer)).takeWhile(_ >= 0).map { n =>
      (buffer.iterator.take(n).count(_ == '\n'), n)
    }
    val (lines, bytes) = sizes.foldLeft((0, 0)) { case ((a, b), (c, d)) => (a + c, b + d) }
    println(s"$lines $bytes")
  }
}
