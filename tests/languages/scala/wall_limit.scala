object Main {
  def main(args: Array[String]): Unit = {
    println("begin")
    Thread.sleep(60000)
  }
}
