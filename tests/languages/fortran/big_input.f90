program main
  use, intrinsic :: iso_fortran_env, only: iostat_end
  character(len=200) :: line
  integer :: lines, bytes, length, status
  lines = 0
  bytes = 0
  do
    read (*, '(a)', advance='no', size=length, iostat=status) line
    if (status == iostat_end) exit
    lines = lines + 1
    bytes = bytes + length + 1
  end do
  print '(i0, 1x, i0)', lines, bytes
end program
