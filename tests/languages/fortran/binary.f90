program main
  use, intrinsic :: iso_fortran_env, only: int8, output_unit
  integer :: i, unit
  open (newunit=unit, file='/dev/stdout', access='stream', form='unformatted', action='write')
  write (unit) [(int(i, int8), i = 0, 127), (int(i - 256, int8), i = 128, 255)]
  close (unit)
end program
