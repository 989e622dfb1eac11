       identification division.
       program-id. prog.
       environment division.
       input-output section.
       file-control.
           select word-file assign to "data.txt"
               organization line sequential
               file status words-status.
       data division.
       file section.
       fd word-file.
       01 word pic x(20).
       working-storage section.
       01 words-status pic xx.
       01 details.
           02 bytes pic x(8) usage comp-x.
           02 filler pic x(8).
       01 shown pic z9.
       procedure division.
           open output word-file
           write word from "alpha"
           write word from "beta"
           close word-file
           open extend word-file
           write word from "gamma"
           close word-file
           open input word-file
           perform until exit
               read word-file at end exit perform end-read
               display function trim(word)
           end-perform
           close word-file
           call "CBL_CHECK_FILE_EXIST" using "data.txt" details
           move bytes to shown
           display shown
           delete file word-file
           open input word-file
           if words-status = "35"
               display "yes"
           else
               display "no: " words-status
           end-if
           stop run.
