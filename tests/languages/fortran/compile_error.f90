program main
  print '(a)', "before"
  integer x = = 1
end program
