def answer
  "the answer is #{6 * 7}"
end
