object Main {
  def main(args: Array[String]): Unit = {
    println("begin")
    while (true) {}
  }
}
