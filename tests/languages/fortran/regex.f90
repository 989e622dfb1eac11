! There are no regular expressions in Fortran; its own SCAN and VERIFY find what they would.
program main
  character(len=*), parameter :: letters = "abcdefghijklmnopqrstuvwxyz", digits = "0123456789"
  character(len=100) :: line
  integer :: at, begin, end, i
  read (*, '(a)') line
  at = 0
  do
    i = index(line(at + 1:), '@')
    if (i == 0) exit
    at = at + i
    begin = verify(line(:at - 1), letters // digits, back=.true.) + 1
    end = at + verify(line(at + 1:), letters) - 1
    if (line(end + 1:end + 4) == ".com") print '(a)', line(begin:at - 1) // " at " // line(at + 1:end)
  end do
  do i = 1, len_trim(line)
    if (scan(line(i:i), digits) > 0) line(i:i) = '#'
  end do
  print '(a)', trim(line)
end program
