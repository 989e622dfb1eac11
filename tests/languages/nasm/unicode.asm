global main
extern puts, fgets, printf, stdin

section .data
greeting: db "Grüße, 世界 🙂", 0
format:	db "%s%d", 10, 0

section .bss
line:	resb 256

section .text
main:
	push rbx
	mov rdi, greeting
	call puts
	mov rdi, line
	mov esi, 256
	mov rdx, [stdin]
	call fgets

	xor edx, edx			; characters: bytes that do not continue one
	mov rbx, line
.next:
	mov al, [rbx]
	cmp al, 10
	je .end
	inc rbx
	and al, 0xc0
	cmp al, 0x80
	je .next
	inc edx
	jmp .next
.end:
	mov rdi, format
	mov rsi, line
	xor eax, eax
	call printf
	xor eax, eax
	pop rbx
	ret
