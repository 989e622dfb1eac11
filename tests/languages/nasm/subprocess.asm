global main
extern popen, pclose, fgets, printf

section .data
command: db "echo child; exit 3", 0	; popen(3) gives it to sh -c
mode:	db "r", 0
output:	db "%s%d", 10, 0

section .bss
said:	resb 64

section .text
main:
	push rbx
	mov rdi, command
	mov rsi, mode
	call popen
	mov rbx, rax
	mov rdi, said
	mov esi, 64
	mov rdx, rbx
	call fgets
	mov rdi, rbx
	call pclose

	movzx edx, ah			; WEXITSTATUS
	mov rdi, output
	mov rsi, said
	xor eax, eax
	call printf
	xor eax, eax
	pop rbx
	ret
