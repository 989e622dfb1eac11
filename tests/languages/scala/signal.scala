object Main {
  def main(args: Array[String]): Unit = {
    println("before")
    new ProcessBuilder("sh", "-c", s"kill -KILL ${ProcessHandle.current.pid}").start().waitFor()
    Thread.sleep(60000)
  }
}
