sealed abstract class Answer; case object Yes extends Answer; case object No extends Answer
object Main {
  def text(answer: Answer): String = answer match { case Yes => "compiled" }
  def main(args: Array[String]): Unit = println(text(Yes))
}
