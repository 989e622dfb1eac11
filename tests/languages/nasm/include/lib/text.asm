%include "system.inc"

global text, text_length

section .rodata
text:	db "included from ", PLACES, 10
text_length equ $ - text
