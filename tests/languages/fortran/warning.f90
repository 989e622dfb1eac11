program main
  implicit none
  integer :: unused
  print '(a)', "compiled"
end program
