object Main {
  def main(args: Array[String]): Unit = {
    println(sys.env("GREETING"))
    println("[" + sys.env("EMPTY") + "]")
    println(sys.env("HOME"))
    println(sys.env("LANG"))
  }
}
