global main
extern puts, fflush, malloc, memset

section .data
begin:	db "begin", 0
SIZE	equ 1000000

section .text
main:
	sub rsp, 8
	mov rdi, begin
	call puts
	xor edi, edi
	call fflush
.next:
	mov edi, SIZE
	call malloc
	mov rdi, rax
	mov esi, 1
	mov edx, SIZE
	call memset
	jmp .next
