program main
  character(len=*), parameter :: name = "data.txt"
  character(len=20) :: line
  integer :: unit, status, bytes
  logical :: there
  open (newunit=unit, file=name, action='write', status='new')
  write (unit, '(a)') "alpha", "beta"
  close (unit)
  open (newunit=unit, file=name, action='write', status='old', position='append')
  write (unit, '(a)') "gamma"
  close (unit)
  open (newunit=unit, file=name, action='read', status='old')
  do
    read (unit, '(a)', iostat=status) line
    if (status /= 0) exit
    print '(a)', trim(line)
  end do
  inquire (unit, size=bytes)
  print '(i0)', bytes
  close (unit, status='delete')
  inquire (file=name, exist=there)
  print '(a)', merge("no ", "yes", there)
end program
