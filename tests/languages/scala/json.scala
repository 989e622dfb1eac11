import scala.util.parsing.json.{JSON, JSONArray, JSONObject}

object Main {
  def main(args: Array[String]): Unit = {
    JSON.parseFull(io.Source.stdin.mkString) match {
      case Some(document: Map[String @unchecked, _]) =>
        val tags = document("tags").asInstanceOf[List[String]]
        println(s"${document("name")} ${tags.size} ${document("n").asInstanceOf[Double].toInt + 1}")
      case other => println(s"not an object: $other")
    }
    println(JSONObject(Map("ok" -> true, "list" -> JSONArray(List(1, 2, 3)))).toString().filter(_ != ' '))
  }
}
