       identification division.
       program-id. prog.
       data division.
       working-storage section.
       01 exit-code pic 9.
       procedure division.
           call "SYSTEM" using "echo child; exit 3"
      *    What wait() tells: the exit code is its second byte.
           divide return-code by 256 giving exit-code
           display exit-code
           move 0 to return-code
           stop run.
