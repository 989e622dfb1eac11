global _start
section .data
begin:	db "begin", 10
section .text
_start:
	mov rax, 1
	mov rdi, 1
	mov rsi, begin
	mov rdx, 6
	syscall
again:	jmp again
