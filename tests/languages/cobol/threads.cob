       identification division.
       program-id. prog.
       environment division.
       input-output section.
       file-control.
           select part assign to part-name
               organization line sequential.
       data division.
       file section.
       fd part.
       01 part-total pic 9(5).
       working-storage section.
       01 part-name.
           02 filler pic x(5) value "part-".
           02 part-number pic 9.
       01 pids.
           02 pid usage binary-long occurs 4.
       01 total pic 9(5) value 0.
       procedure division.
           perform varying part-number from 1 by 1
               until part-number > 4
               call "CBL_GC_FORK" returning pid(part-number)
               if pid(part-number) = 0
                   perform add-up
                   stop run
               end-if
           end-perform
           perform varying part-number from 1 by 1
               until part-number > 4
               call "CBL_GC_WAITPID" using pid(part-number)
               open input part
               read part
               add part-total to total
               close part
           end-perform
           display total
           stop run.
       add-up.
           move 0 to total
           perform 10000 times
               add 1 to total
           end-perform
           open output part
           write part-total from total
           close part.
