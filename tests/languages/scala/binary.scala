object Main {
  def main(args: Array[String]): Unit = {
    System.out.write(Array.tabulate(256)(_.toByte))
    System.out.flush()
  }
}
