object Greeting extends App {
  println(args.mkString(","))
}
