program main
  print '(i0)', add(10000)
contains
  recursive integer function add(n) result(sum)
    integer, intent(in) :: n
    sum = 0
    if (n > 0) sum = n + add(n - 1)
  end function
end program
