       01 answer-record.
           02 the-answer pic 99.
