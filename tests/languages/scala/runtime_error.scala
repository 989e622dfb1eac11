object Main {
  def main(args: Array[String]): Unit = {
    println("before")
    println(args(5))
  }
}
