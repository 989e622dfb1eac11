# SPDX-License-Identifier: Apache-2.0
# Keeps Bash alive between the executes of a session (src/engine/resident_frame.h). It stands in the place of the program
# and takes itself out of sight; the code of each execute is sourced from there in its turn. What ends a shell, exit, set
# -e or Ctrl-C, cannot be stopped from within: then it writes down what it knows, and a new one, in the same process, reads
# that. Descriptor 97 is for requests, 99 for answers.

# Variables, functions, options, aliases and the directory, as commands.
__sg_save() {
	{
		declare -p | grep -Ev '^declare -[^ ]*r|^declare -- (BASH_|__sg_)|^declare -[a-zA-Z-]+ (BASH|DIRSTACK|FUNCNAME|GROUPS|LINENO|PIPESTATUS|SHELLOPTS)' \
			| sed 's/^declare /declare -g /'
		declare -f | sed '/^__sg_/,/^}/d'
		shopt -p
		alias -p
		printf 'umask %s\ncd %q\n' "$(umask)" "$PWD"
	} > "/tmp/.sg_state" 2> /dev/null
}

# The descriptors are closed for the code; a copy is somewhere, which the new shell would not get.
__sg_again() {
	local fd name
	trap - EXIT INT
	set +euxvfnC
	for fd in /proc/$$/fd/*; do
		name=$(readlink "$fd")
		case $name in
		"$__sg_requests") exec 97< "$fd" ;;
		"$__sg_answers") exec 99> "$fd" ;;
		esac
	done
	__sg_save
	builtin cd /work
	printf '%s\n' "$__sg_text" > main.sh
	SG_AGAIN="$1 $2 $__sg_flags" exec /proc/$$/exe main.sh
}

__sg_answer() {
	local token
	LC_ALL=C IFS= read -r -N 32 -u 97 token || builtin exit 0
	printf '%s %s %d 0\n' "${token%% *}" "$1" "$2" >&99
}

# What is set of options with a letter, but for those that say how the shell was started.
__sg_letters() {
	__sg_flags=${1//[^abefkmnptuvxCEHPT]/}
}

__sg_text=$(< main.sh)
rm main.sh
if [ -z "${SG_AGAIN+there}" ]; then
	exec 97<&0
	__sg_flags=
else
	. /tmp/.sg_state 2> /dev/null
	rm /tmp/.sg_state
	set -- $SG_AGAIN
	unset SG_AGAIN
	__sg_flags=$3
fi
__sg_requests=$(readlink /proc/self/fd/97) __sg_answers=$(readlink /proc/self/fd/99)
if [ $# -gt 0 ]; then
	__sg_answer "$1" "$2"
	set --
fi
trap '' INT

while LC_ALL=C IFS= read -r -N 64 -u 97 __sg_head; do
	set -- $__sg_head
	LC_ALL=C IFS= read -r -N "$2" -u 97 __sg_code || [ "$2" = 0 ] || break
	printf '%s' "$__sg_code" > /work/main.sh
	if [ "$3" -gt 0 ]; then
		head -c "$3" <&97 > /tmp/.sg_stdin
		exec < /tmp/.sg_stdin
		rm /tmp/.sg_stdin
	else
		exec < /dev/null
	fi
	set --
	unset __sg_head __sg_code
	trap '__sg_again interrupted 130' INT
	trap '__sg_status=$?; __sg_letters "$-"; __sg_again exit "$__sg_status"' EXIT
	[ -z "$__sg_flags" ] || set "-$__sg_flags"
	. /work/main.sh 97<&- 99>&-
	__sg_status=$? __sg_flags=$-
	set +euxvfnC
	trap '' INT
	trap - EXIT
	__sg_letters "$__sg_flags"
	rm -f /work/main.sh
	if [ "$__sg_status" = 0 ]; then
		__sg_answer ok 0
	else
		__sg_answer error "$__sg_status"
	fi
done
