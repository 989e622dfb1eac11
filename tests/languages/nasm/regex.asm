; by regcomp(3) of libc
global main
extern regcomp, regexec, fgets, stdin, printf

section .data
pattern: db "([a-z0-9]+)@([a-z]+)\.com", 0
output:	db "%.*s at %.*s", 10, 0
plain:	db "%s", 0

section .bss
SIZE	equ 1024
text:	resb SIZE
regex:	resb 64				; regex_t
found:	resd 2 * 3			; regmatch_t: where it begins, where it ends

section .text
; prints both parts of what was found at rbx
show:
	sub rsp, 8
	mov eax, [found + 8]
	mov esi, [found + 12]
	sub esi, eax
	lea rdx, [rbx + rax]
	mov eax, [found + 16]
	mov ecx, [found + 20]
	sub ecx, eax
	lea r8, [rbx + rax]
	mov rdi, output
	xor eax, eax
	call printf
	add rsp, 8
	ret

hide_digits:
	mov rax, text
.next:
	mov cl, [rax]
	test cl, cl
	jz .end
	sub cl, '0'
	cmp cl, 9
	ja .other
	mov byte [rax], '#'
.other:
	inc rax
	jmp .next
.end:
	ret

main:
	push rbx
	mov rdi, text
	mov esi, SIZE
	mov rdx, [stdin]
	call fgets
	mov rdi, regex
	mov rsi, pattern
	mov edx, 1			; REG_EXTENDED
	call regcomp

	mov rbx, text
.next:
	mov rdi, regex
	mov rsi, rbx
	mov edx, 3
	mov rcx, found
	xor r8d, r8d
	call regexec
	test eax, eax
	jnz .end
	call show
	mov eax, [found + 4]
	add rbx, rax
	jmp .next
.end:
	call hide_digits
	mov rdi, plain
	mov rsi, text
	xor eax, eax
	call printf
	xor eax, eax
	pop rbx
	ret
