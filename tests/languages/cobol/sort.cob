       identification division.
       program-id. prog.
       data division.
       working-storage section.
       01 number-table.
           02 number-of pic 9(10) occurs 100000.
       01 i pic 9(6).
       01 x pic 9(10) value 42.
       01 product pic 9(15).
       01 first-one pic z(9)9.
       01 middle-one pic z(9)9.
       01 last-one pic z(9)9.
       procedure division.
           perform varying i from 1 by 1 until i > 100000
               move x to number-of(i)
               multiply x by 16807 giving product
               divide product by 2147483647 giving product remainder x
           end-perform
           sort number-of ascending
           move number-of(1) to first-one
           move number-of(50001) to middle-one
           move number-of(100000) to last-one
           display function trim(first-one) " "
               function trim(middle-one) " " function trim(last-one)
           stop run.
