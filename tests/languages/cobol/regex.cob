      *> There are no regular expressions in COBOL; UNSTRING and INSPECT
      *> do what they would.
       identification division.
       program-id. prog.
       data division.
       working-storage section.
       01 one-line pic x(100).
       01 line-at pic 999 value 1.
       01 word pic x(50).
       01 user pic x(20).
       01 place pic x(20).
       01 ending pic x(20).
       01 parts pic 9.
       procedure division.
           accept one-line
           perform until line-at > length of one-line
               unstring one-line delimited by "," or all space
                   into word pointer line-at
               perform look-at-word
           end-perform
           inspect one-line converting "0123456789" to "##########"
           display function trim(one-line)
           stop run.
       look-at-word.
           move 0 to parts
           unstring word delimited by "@" or "." or space
               into user place ending tallying parts
           if parts >= 3 and ending = "com"
               display function trim(user) " at " function trim(place)
           end-if.
