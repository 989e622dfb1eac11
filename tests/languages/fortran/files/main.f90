program main
  use answers
  print '(a, i0)', "the answer is ", answer()
end program
