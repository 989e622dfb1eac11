       identification division.
       program-id. prog.
       data division.
       working-storage section.
       01 i pic 999.
       procedure division.
           perform varying i from 1 by 1 until i > 256
               display function char(i) no advancing
           end-perform
           stop run.
