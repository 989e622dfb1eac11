object Main {
  def main(args: Array[String]): Unit = {
    println("before")
    sys.exit(37)
  }
}
