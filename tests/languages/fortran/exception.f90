program main
  print '(a)', "before"
  error stop "the end"
end program
