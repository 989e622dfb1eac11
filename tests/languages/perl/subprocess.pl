print `sh -c 'echo child; exit 3'`;
print $? >> 8, "\n";
