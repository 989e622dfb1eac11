       program-id. prog. data division. working-storage section.
       77 i pic 9 value 6. 01 a. 02 n pic 9 occurs 5.
       procedure division. display "before" display n(i) stop run.
