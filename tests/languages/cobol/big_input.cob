       identification division.
       program-id. prog.
       environment division.
       input-output section.
       file-control.
           select input-file assign to keyboard
               organization line sequential.
       data division.
       file section.
       fd input-file record varying from 1 to 200 depending on bytes.
       01 one-line pic x(200).
       working-storage section.
       01 bytes pic 9(3).
       01 lines-read pic 9(9) value 0.
       01 bytes-read pic 9(9) value 0.
       01 shown-lines pic z(8)9.
       01 shown-bytes pic z(8)9.
       procedure division.
           open input input-file
           perform until exit
               read input-file at end exit perform end-read
               add 1 to lines-read
               compute bytes-read = bytes-read + bytes + 1
           end-perform
           close input-file
           move lines-read to shown-lines
           move bytes-read to shown-bytes
           display function trim(shown-lines) " "
               function trim(shown-bytes)
           stop run.
