program main
  real(8) :: pi
  pi = acos(-1d0)
  print '(f19.17)', 0.1d0 + 0.2d0
  print '(f17.15)', sqrt(2d0)
  print '(f12.10)', pi
  print '(f8.6)', 1d0 / 3
end program
