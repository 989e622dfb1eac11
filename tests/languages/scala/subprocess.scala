import scala.sys.process._

object Main {
  def main(args: Array[String]): Unit = {
    val code = Seq("sh", "-c", "echo child; exit 3").!
    println(code)
  }
}
