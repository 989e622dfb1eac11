       identification division.
       program-id. prog.
       procedure division.
           display "before".
           move 37 to return-code.
           stop run.
