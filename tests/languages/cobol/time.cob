       identification division.
       program-id. prog.
       data division.
       working-storage section.
       01 unix-time pic 9(10) value 1704067200.
       01 days pic 9(7).
       01 seconds pic 9(5).
       01 start-time pic 9(8).
       01 end-time pic 9(8).
       01 took pic s9(8).
       procedure division.
           divide unix-time by 86400 giving days remainder seconds
           add function integer-of-date(19700101) to days
           display function formatted-date("YYYY-MM-DD", days) " "
               function formatted-time("hh:mm:ss", seconds)
           perform get-hundredths
           move end-time to start-time
           call "CBL_GC_NANOSLEEP" using "50000000"
           perform get-hundredths
           compute took = function mod(end-time - start-time, 8640000)
           if took >= 5 and took < 1000
               display "yes"
           else
               display "no: " took
           end-if
           stop run.
       get-hundredths.
           accept end-time from time
           compute end-time =
               function integer(end-time / 1000000) * 360000
               + function mod(function integer(end-time / 10000), 100)
                   * 6000
               + function mod(end-time, 10000).
