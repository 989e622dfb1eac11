       identification division.
       program-id. prog.
       procedure division.
           display "begin".
           call "C$SLEEP" using 60.
           stop run.
