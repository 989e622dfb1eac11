import scala.concurrent.{Await, Future}
import scala.concurrent.ExecutionContext.Implicits.global
import scala.concurrent.duration.Duration

object Main {
  private var total = 0

  def main(args: Array[String]): Unit = {
    val adders = (1 to 4).map(_ => Future { for (_ <- 1 to 10000) synchronized { total += 1 } })
    Await.result(Future.sequence(adders), Duration.Inf)
    println(total)
  }
}
