       identification division.
       program-id. prog.
       data division.
       working-storage section.
       01 setting pic x(100).
       procedure division.
           accept setting from environment "GREETING"
           display function trim(setting trailing)
           move "unset" to setting
           accept setting from environment "EMPTY"
           if setting = spaces
               display "[]"
           else
               display "[" function trim(setting trailing) "]"
           end-if
           accept setting from environment "HOME"
           display function trim(setting trailing)
           accept setting from environment "LANG"
           display function trim(setting trailing)
           stop run.
