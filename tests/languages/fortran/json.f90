! There is no JSON in Fortran: as much of it as the document needs.
program main
  character(len=:), allocatable :: text, value
  character(len=256) :: line
  integer :: number
  read (*, '(a)') line
  text = trim(line)
  value = value_of("n")
  read (value, *) number
  print '(a, 2(1x, i0))', decoded(value_of("name")), count_items(value_of("tags")), number + 1
  call write_answer(.true., [1, 2, 3])
contains
  ! What stands behind a name, up to the end of the value.
  function value_of(name) result(value)
    character(len=*), intent(in) :: name
    character(len=:), allocatable :: value
    integer :: begin
    begin = index(text, '"' // name // '":') + len(name) + 3
    value = adjustl(text(begin:))
    select case (value(1:1))
    case ('"')
      value = value(2:index(value(2:), '"'))
    case ('[')
      value = value(2:index(value, ']') - 1)
    case default
      value = value(:scan(value, ',}') - 1)
    end select
  end function

  function decoded(quoted) result(plain)
    character(len=*), intent(in) :: quoted
    character(len=:), allocatable :: plain
    integer :: at, code
    plain = ""
    at = 1
    do while (at <= len(quoted))
      if (quoted(at:at) == '\') then
        read (quoted(at + 2:at + 5), '(z4)') code
        plain = plain // utf8(code)
        at = at + 6
      else
        plain = plain // quoted(at:at)
        at = at + 1
      end if
    end do
  end function

  function utf8(code) result(bytes)
    integer, intent(in) :: code
    character(len=:), allocatable :: bytes
    if (code < 128) then
      bytes = char(code)
    else
      bytes = char(ior(192, ishft(code, -6))) // char(ior(128, iand(code, 63)))
    end if
  end function

  integer function count_items(list)
    character(len=*), intent(in) :: list
    integer :: i
    count_items = merge(0, 1, list == "") + count([(list(i:i) == ',', i = 1, len(list))])
  end function

  subroutine write_answer(ok, list)
    logical, intent(in) :: ok
    integer, intent(in) :: list(:)
    write (*, '(3a)', advance='no') '{"ok":', trim(merge("true ", "false", ok)), ',"list":['
    write (*, '(*(i0, :, ","))', advance='no') list
    print '(a)', "]}"
  end subroutine
end program
