echo before

: "${UNSET:?the end}"
