program main; integer :: n; character(len=5) :: word = "words"
  print '(a)', "before"
  read (word, '(i5)') n
end program
