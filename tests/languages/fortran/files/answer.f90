module answers
contains
  integer function answer()
    answer = 6 * 7
  end function
end module
