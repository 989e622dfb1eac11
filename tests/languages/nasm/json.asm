; There is no JSON in libc: as much of it as the document needs.
global main
extern fgets, stdin, strstr, strtol, printf

section .data
name:	db '"name": "', 0
.length	equ $ - name - 1
tags:	db '"tags": [', 0
n:	db '"n": ', 0
.length	equ $ - n - 1
output:	db "%s %ld %ld", 10, '{"ok":true,"list":[1,2,3]}', 10, 0

section .bss
SIZE	equ 1024
document: resb SIZE
text:	resb SIZE

section .text
; the code point in rdi, below 0x800, goes to rbx in UTF-8
put_character:
	cmp edi, 0x80
	jb .one
	mov eax, edi
	shr eax, 6
	or al, 0xc0
	mov [rbx], al
	inc rbx
	and edi, 0x3f
	or edi, 0x80
.one:
	mov [rbx], dil
	inc rbx
	ret

; the string that begins at rsi is written to text
read_string:
	push rbx
	push r12
	sub rsp, 8
	mov rbx, text
	mov r12, rsi
.next:
	movzx edi, byte [r12]
	inc r12
	cmp dil, '"'
	je .end
	cmp dil, '\'
	jne .put
	movzx eax, byte [r12 + 5]	; \uXXXX: four digits, ended for strtol(3)
	mov [rsp], rax
	mov byte [r12 + 5], 0
	lea rdi, [r12 + 1]
	xor esi, esi
	mov edx, 16
	call strtol
	mov edi, eax
	mov rax, [rsp]
	mov [r12 + 5], al
	add r12, 5
.put:
	call put_character
	jmp .next
.end:
	mov byte [rbx], 0
	add rsp, 8
	pop r12
	pop rbx
	ret

; how many items the list has that begins at rdi
count_items:
	mov eax, 1
.next:
	mov cl, [rdi]
	inc rdi
	cmp cl, ']'
	je .end
	cmp cl, ','
	jne .next
	inc eax
	jmp .next
.end:
	ret

main:
	push rbx
	mov rdi, document
	mov esi, SIZE
	mov rdx, [stdin]
	call fgets

	mov rdi, document
	mov rsi, name
	call strstr
	lea rsi, [rax + name.length]
	call read_string

	mov rdi, document
	mov rsi, tags
	call strstr
	mov rdi, rax
	call count_items
	mov rbx, rax

	mov rdi, document
	mov rsi, n
	call strstr
	lea rdi, [rax + n.length]
	xor esi, esi
	mov edx, 10
	call strtol

	lea rcx, [rax + 1]
	mov rdi, output
	mov rsi, text
	mov rdx, rbx
	xor eax, eax
	call printf
	xor eax, eax
	pop rbx
	ret
