object Main {
  def main(args: Array[String]): Unit = {
    val line = io.StdIn.readLine()
    val address = """(\w+)@(\w+)\.com""".r
    for (address(user, place) <- address.findAllIn(line)) println(s"$user at $place")
    println(line.replaceAll("\\d", "#"))
  }
}
