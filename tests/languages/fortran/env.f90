program main
  print '(a)', variable("GREETING")
  print '(a)', "[" // variable("EMPTY") // "]"
  print '(a)', variable("HOME")
  print '(a)', variable("LANG")
contains
  function variable(name) result(value)
    character(len=*), intent(in) :: name
    character(len=:), allocatable :: value
    integer :: length
    call get_environment_variable(name, length=length)
    allocate (character(len=length) :: value)
    call get_environment_variable(name, value)
  end function
end program
