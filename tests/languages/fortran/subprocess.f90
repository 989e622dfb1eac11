program main
  integer :: code
  call execute_command_line("sh -c 'echo child; exit 3'", exitstat=code)
  print '(i0)', code
end program
