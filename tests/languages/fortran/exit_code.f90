program main
  print '(a)', "before"
  call exit(37)
end program
