global _start

section .rodata
bytes:
%assign i 0
%rep 256
	db i
%assign i i + 1
%endrep

section .text
_start:
	mov eax, 1			; write
	mov edi, 1
	mov rsi, bytes
	mov edx, 256
	syscall
	mov eax, 60			; exit
	xor edi, edi
	syscall
