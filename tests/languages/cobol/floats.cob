       identification division.
       program-id. prog.
       data division.
       working-storage section.
       01 tenth pic 9v9 value 0.1.
       01 fifth pic 9v9 value 0.2.
       01 to-17 pic 9.9(17).
       01 to-15 pic 9.9(15).
       01 to-10 pic 9.9(10).
       01 to-6 pic 9.9(6).
       procedure division.
           add tenth fifth giving to-17
           display to-17
           compute to-15 = function sqrt(2)
           display to-15
           compute to-10 rounded = function pi
           display to-10
           compute to-6 = 1 / 3
           display to-6
           stop run.
