       identification division.
       program-id. get-answer.
       data division.
       linkage section.
       copy "lib/answers.cpy".
       procedure division using answer-record.
           multiply 6 by 7 giving the-answer
           goback.
