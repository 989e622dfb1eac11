object Main {
  def main(args: Array[String]): Unit = {
    println("Grüße, 世界 🙂")
    val line = io.StdIn.readLine()
    println(line)
    println(line.codePointCount(0, line.length))
  }
}
