       identification division.
       program-id. prog.
       data division.
       working-storage section.
       01 n pic 9(9) value 0.
       procedure division.
           display "begin".
           perform until n < 0
               add 1 to n
           end-perform.
           stop run.
