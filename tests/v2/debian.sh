# SPDX-License-Identifier: Apache-2.0
# Bare Debian trees from the machine's own mirror; sourced by tests/v2/run and tests/fresh/run.

# The mirror this machine installs Debian itself from, as apt understands its configuration.
debian_mirror() {
	apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 'Component: main' |
		awk '$1 == "Debian" { print $2; exit }'
}

# How this machine reaches it: proxies, and whether a frozen mirror's dates are to be believed.
debian_apt_options() {
	apt-config dump --no-empty | grep -E '^Acquire::(https?|Check-|Retries)' || true
}

# debian_tree SUITE DIRECTORY [PACKAGE...]: appears under its name only when it is complete.
debian_tree() {
	local suite=$1 tree=$2 part=$2.part mirror include=()
	shift 2
	[ ! -d "$tree" ] || return 0
	mirror=$(debian_mirror)
	[ -n "$mirror" ] || { echo "apt knows no Debian mirror on this machine" >&2; return 1; }
	[ $# -eq 0 ] || include=(--include="$(IFS=,; echo "$*")")
	rm -rf --one-file-system "$part"
	mkdir -p "$(dirname "$tree")"
	debian_apt_options >"$tree.conf"
	# INITRD=No: the kernel's package makes no initrd (kernel-img.conf(5)); the guest has one of ours
	INITRD=No mmdebstrap --quiet --mode=root --variant=minbase --aptopt="$tree.conf" "${include[@]}" \
		--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
		"$suite" "$part" "$mirror"
	rm "$tree.conf"
	mv "$part" "$tree"
}
