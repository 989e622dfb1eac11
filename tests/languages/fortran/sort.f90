module sorting
contains
  recursive subroutine sort(numbers)
    integer, intent(inout) :: numbers(:)
    integer :: pivot, i, j
    if (size(numbers) < 2) return
    pivot = numbers(size(numbers) / 2)
    i = 1
    j = size(numbers)
    do
      do while (numbers(i) < pivot)
        i = i + 1
      end do
      do while (numbers(j) > pivot)
        j = j - 1
      end do
      if (i >= j) exit
      numbers([i, j]) = numbers([j, i])
      i = i + 1
      j = j - 1
    end do
    call sort(numbers(:i - 1))
    call sort(numbers(j + 1:))
  end subroutine
end module

program main
  use, intrinsic :: iso_fortran_env, only: int64
  use sorting
  integer :: numbers(100000), i
  numbers(1) = 42
  do i = 2, size(numbers)
    numbers(i) = int(mod(numbers(i - 1) * 16807_int64, 2147483647_int64))
  end do
  call sort(numbers)
  print '(*(i0, 1x))', numbers(1), numbers(50001), numbers(100000)
end program
