program main
  print '(a)', "before"
  flush (6)
  call kill(getpid(), 9)
end program
