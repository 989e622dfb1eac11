program main
  use, intrinsic :: iso_fortran_env, only: input_unit, output_unit
  integer, parameter :: ucs4 = selected_char_kind('ISO_10646')
  character(len=100, kind=ucs4) :: line
  open (input_unit, encoding='utf-8')
  print '(a)', "Grüße, 世界 🙂"
  read (*, '(a)') line
  flush (output_unit)
  open (output_unit, encoding='utf-8')
  print '(a)', trim(line)
  print '(i0)', len_trim(line)
end program
