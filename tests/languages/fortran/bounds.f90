program main
  integer :: numbers(3), i
  do i = 1, command_argument_count() + 4
    numbers(i) = i
  end do
  print '(i0)', sum(numbers)
end program
