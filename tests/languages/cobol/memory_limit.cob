       identification division.
       program-id. prog.
       data division.
       working-storage section.
       01 piece usage pointer.
       procedure division.
           display "begin"
           perform until exit
               allocate 1000000 characters initialized to all "x"
                   returning piece
           end-perform
           stop run.
