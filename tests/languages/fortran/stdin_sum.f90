program main
  character(len=100) :: line
  integer :: sum, status, parts(10), n, i
  sum = 0
  do
    read (*, '(a)', iostat=status) line
    if (status /= 0) exit
    do n = 10, 1, -1
      read (line, *, iostat=status) (parts(i), i = 1, n)
      if (status == 0) exit
    end do
    do i = 1, n
      sum = sum + parts(i)
    end do
  end do
  print '(i0)', sum
end program
