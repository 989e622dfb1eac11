global main
extern printf

section .data
output:	db "%ld %ld", 10, 0

section .bss
SIZE	equ 65536
buffer:	resb SIZE

section .text
main:
	push rbx			; lines
	push r12			; bytes
	push r13
	xor ebx, ebx
	xor r12d, r12d
.read:
	xor eax, eax			; read
	xor edi, edi
	mov rsi, buffer
	mov edx, SIZE
	syscall
	test rax, rax
	jle .end
	add r12, rax
	lea rcx, [buffer + rax]
.next:
	xor r13d, r13d
	cmp byte [rsi], 10
	sete r13b
	add rbx, r13
	inc rsi
	cmp rsi, rcx
	jb .next
	jmp .read
.end:
	mov rdi, output
	mov rsi, rbx
	mov rdx, r12
	xor eax, eax
	call printf
	xor eax, eax
	pop r13
	pop r12
	pop rbx
	ret
