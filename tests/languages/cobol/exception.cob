       identification division.
       program-id. prog.
       procedure division.
           display "before"
           call "the-end"
           display "behind the end"
           stop run.
