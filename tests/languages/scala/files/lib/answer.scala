package lib

object Answer {
  def apply(): Int = 6 * 7
}
