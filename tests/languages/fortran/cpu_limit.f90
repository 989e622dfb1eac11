program main
  integer, volatile :: n
  print '(a)', "begin"
  flush (6)
  n = 0
  do
    n = ieor(n, 1)
  end do
end program
