       identification division.
       program-id. prog.
       data division.
       working-storage section.
       01 pid usage binary-long.
       78 sigkill value 9.
       procedure division.
           display "before"
           call "getpid" returning pid
           call "kill" using by value pid sigkill
           stop run.
