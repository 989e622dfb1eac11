object Main {
  def add(n: Int): Int = if (n == 0) 0 else n + add(n - 1)

  // On a thread whose stack is asked for: that of the main thread has room for some thousand calls.
  def main(args: Array[String]): Unit = {
    val deep = new Thread(null, new Runnable { def run(): Unit = println(add(10000)) }, "deep", 64 << 20)
    deep.start()
    deep.join()
  }
}
