object Main {
  def main(args: Array[String]): Unit = {
    println(0.1 + 0.2)
    println(f"${math.sqrt(2)}%.15f")
    println(f"${math.Pi}%.10f")
    println(f"${1.0 / 3}%.6f")
  }
}
