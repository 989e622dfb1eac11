       identification division.
       program-id. prog.
       environment division.
       input-output section.
       file-control.
           select number-file assign to keyboard
               organization line sequential.
       data division.
       file section.
       fd number-file.
       01 one-line pic x(80).
       working-storage section.
       01 eof-flag pic x value "n".
           88 eof value "y".
       01 at-column pic 99.
       01 word pic x(20).
       01 total pic s9(18) value 0.
       01 shown pic -(17)9.
       procedure division.
           open input number-file
           perform until eof
               read number-file
                   at end set eof to true
                   not at end perform add-line
               end-read
           end-perform
           close number-file
           move total to shown
           display function trim(shown)
           stop run.
       add-line.
           move 1 to at-column
           perform until at-column > length of one-line
               unstring one-line delimited by all space
                   into word pointer at-column
               end-unstring
               if word not = spaces
                   add function numval(word) to total
               end-if
           end-perform.
