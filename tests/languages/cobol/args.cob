       identification division.
       program-id. prog.
       data division.
       working-storage section.
       01 argument pic x(100).
       01 n pic 99.
       procedure division.
           accept n from argument-number
           perform n times
               accept argument from argument-value
               if argument = spaces
                   display "[]"
               else
                   display "[" function trim(argument trailing) "]"
               end-if
           end-perform
           stop run.
