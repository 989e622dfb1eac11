global _start

section .data
begin:	db "begin", 10
minute:	dq 60, 0			; struct timespec

section .text
_start:
	mov eax, 1			; write
	mov edi, 1
	mov rsi, begin
	mov edx, 6
	syscall
	mov eax, 35			; nanosleep
	mov rdi, minute
	xor esi, esi
	syscall
	mov eax, 60			; exit
	xor edi, edi
	syscall
