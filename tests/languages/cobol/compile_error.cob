       identification division.
       program-id. prog.
       procedure division.
           displai "what" to nowhere.
