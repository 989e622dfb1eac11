C     The form of punched cards: code in columns 7 to 72.
      PROGRAM MAIN
      INTEGER I, TOTAL
      TOTAL = 0
      DO 10 I = 1, 10
         TOTAL = TOTAL +
     &           I
   10 CONTINUE
      WRITE (*, '(A, I2)') 'TOTAL', TOTAL
      END
