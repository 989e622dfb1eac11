program main
  use omp_lib
  integer :: total, i
  total = 0
  !$omp parallel num_threads(4) private(i)
  do i = 1, 10000
    !$omp atomic
    total = total + 1
  end do
  !$omp end parallel
  print '(i0)', total
end program
