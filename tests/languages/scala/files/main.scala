import lib.Answer

object Main {
  def main(args: Array[String]): Unit = println(s"the answer is ${Answer()}")
}
