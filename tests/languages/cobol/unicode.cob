       identification division.
       program-id. prog.
       data division.
       working-storage section.
       01 one-line pic x(80).
       01 i pic 99.
       01 characters-found pic 99 value 0.
       01 shown pic z9.
       procedure division.
           display "Grüße, 世界 🙂"
           accept one-line
           display function trim(one-line trailing)
      *    Of a character's bytes in UTF-8 all but the first are
      *    between 128 and 191.
           perform varying i from 1 by 1
               until one-line(i:) = spaces
               if one-line(i:1) < x"80" or one-line(i:1) > x"BF"
                   add 1 to characters-found
               end-if
           end-perform
           move characters-found to shown
           display function trim(shown)
           stop run.
