program main
  type block
    integer, allocatable :: numbers(:)
    type(block), pointer :: next => null()
  end type
  type(block), pointer :: head, more
  print '(a)', "begin"
  flush (6)
  head => null()
  do
    allocate (more)
    allocate (more%numbers(250000), source=1)
    more%next => head
    head => more
  end do
end program
