program main
  print '(a)', "begin"
  flush (6)
  call sleep(60)
end program
