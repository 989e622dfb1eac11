global _start
section .data
before:	db "before", 10
section .text
_start:
	mov rax, 1
	mov rdi, 1
	mov rsi, before
	mov rdx, 7
	syscall
	mov rax, 60
	mov rdi, 37
	syscall
