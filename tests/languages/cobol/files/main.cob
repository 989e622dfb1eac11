       identification division.
       program-id. prog.
       data division.
       working-storage section.
       copy "lib/answers.cpy".
       procedure division.
           call "get-answer" using answer-record
           display "the answer is " the-answer
           stop run.
