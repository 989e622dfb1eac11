global _start
_start:
	mov qword [0], 1
