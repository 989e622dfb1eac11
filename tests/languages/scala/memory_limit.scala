object Main {
  def main(args: Array[String]): Unit = {
    println("begin")
    val kept = collection.mutable.ListBuffer[Array[Byte]]()
    while (true) kept += new Array[Byte](1000000)
  }
}
