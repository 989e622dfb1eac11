       identification division.
       program-id. prog.
       data division.
       working-storage section.
       01 n pic 9(5).
       01 total pic 9(8) value 0.
       procedure division.
           perform varying n from 1 by 1 until n > 10000
               add n to total
           end-perform.
           display total.
           stop run.
