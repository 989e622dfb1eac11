object Main {
  def main(args: Array[String]): Unit = {
    val numbers = Iterator.iterate(42L)(_ * 16807 % 2147483647).take(100000).toArray.sorted
    println(s"${numbers(0)} ${numbers(50000)} ${numbers(99999)}")
  }
}
