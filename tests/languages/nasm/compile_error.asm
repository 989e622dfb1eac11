global _start
_start:
	mov rax, rax, rax, rax, rax, rax
