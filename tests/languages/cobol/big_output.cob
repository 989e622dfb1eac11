       identification division.
       program-id. prog.
       data division.
       working-storage section.
       01 ten pic x(10) value "0123456789".
       procedure division.
           perform 20000 times
               display ten ten ten ten ten ten ten ten(1:9)
           end-perform.
           stop run.
