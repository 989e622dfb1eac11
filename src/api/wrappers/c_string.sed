# Text as a string of C.
s/[\\"]/\\&/g
# no trigraphs
s/??/?\\?/g
s/.*/"&\\n"/
