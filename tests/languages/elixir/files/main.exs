Code.require_file("lib/answer.exs")
IO.puts("the answer is #{Answer.answer()}")
