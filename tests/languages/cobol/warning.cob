       identification division.
       program-id. prog.
       data division.
       working-storage section.
       01 short-text pic x(3).
       procedure division.
           move "too long" to short-text
           display "compiled"
           stop run.
