sub put {
	my ($mode, $text) = @_;
	open my $file, $mode, "data.txt" or die;
	print $file $text;
	close $file;
}

put ">", "alpha\nbeta\n";
put ">>", "gamma\n";
open my $file, "<", "data.txt" or die;
print <$file>;
print -s "data.txt", "\n";
unlink "data.txt";
print -e "data.txt" ? "no\n" : "yes\n";
