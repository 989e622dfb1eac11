global main
extern fopen, fclose, fputs, fread, fwrite, remove, access, printf, puts, stdout

section .data
name:	db "data.txt", 0
write:	db "w", 0
append:	db "a", 0
read:	db "r", 0
two:	db "alpha", 10, "beta", 10, 0
one:	db "gamma", 10, 0
output:	db "%ld", 10, 0
yes:	db "yes", 0
no:	db "no", 0

section .bss
SIZE	equ 256
data:	resb SIZE

section .text
; opens by the mode in rsi, adds the text in rdx
put:
	push rbx
	mov rbx, rdx
	mov rdi, name
	call fopen
	mov rdi, rbx
	mov rbx, rax
	mov rsi, rbx
	call fputs
	mov rdi, rbx
	call fclose
	pop rbx
	ret

main:
	push rbx
	push r12
	sub rsp, 8
	mov rsi, write
	mov rdx, two
	call put
	mov rsi, append
	mov rdx, one
	call put

	mov rdi, name
	mov rsi, read
	call fopen
	mov rbx, rax
	mov rdi, data
	mov esi, 1
	mov edx, SIZE
	mov rcx, rbx
	call fread
	mov r12, rax
	mov rdi, rbx
	call fclose

	mov rdi, data
	mov esi, 1
	mov rdx, r12
	mov rcx, [stdout]
	call fwrite
	mov rdi, output
	mov rsi, r12
	xor eax, eax
	call printf

	mov rdi, name
	call remove
	mov rdi, name
	xor esi, esi			; F_OK
	call access
	test eax, eax
	mov rdi, no
	mov rax, yes
	cmovnz rdi, rax
	call puts
	xor eax, eax
	add rsp, 8
	pop r12
	pop rbx
	ret
