       identification division.
       program-id. prog.
       data division.
       working-storage section.
       01 n usage binary-long value 10000.
       01 total usage binary-long.
       01 shown pic 9(8).
       procedure division.
           call "sum-up" using n total
           move total to shown
           display shown
           stop run.
       end program prog.

       identification division.
       program-id. sum-up is recursive.
       data division.
       local-storage section.
       01 one-less usage binary-long.
       linkage section.
       01 n usage binary-long.
       01 total usage binary-long.
       procedure division using n total.
           if n = 0
               move 0 to total
           else
               subtract 1 from n giving one-less
               call "sum-up" using one-less total
               add n to total
           end-if
           goback.
       end program sum-up.
