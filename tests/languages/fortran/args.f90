program main
  character(len=64) :: argument
  integer :: i, length
  do i = 1, command_argument_count()
    call get_command_argument(i, argument, length)
    print '(a)', "[" // argument(1:length) // "]"
  end do
end program
