echo before
exit 37
