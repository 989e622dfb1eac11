program main
  use, intrinsic :: iso_c_binding, only: c_int
  use, intrinsic :: iso_fortran_env, only: int64
  interface
    integer(c_int) function usleep(microseconds) bind(c)
      import :: c_int
      integer(c_int), value :: microseconds
    end function
  end interface
  integer :: parts(9), ignored
  integer(int64) :: begin, end, rate, took
  call gmtime(1704067200, parts)
  print '(i4, 2("-", i2.2), 1x, i2.2, 2(":", i2.2))', parts(6) + 1900, parts(5) + 1, parts(4), parts(3:1:-1)
  call system_clock(begin, rate)
  ignored = usleep(50000)
  call system_clock(end)
  took = (end - begin) * 1000 / rate
  print '(a)', merge("yes", "no ", took >= 45 .and. took < 10000)
end program
