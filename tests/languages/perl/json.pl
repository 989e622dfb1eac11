use JSON::PP;

binmode STDOUT, ":utf8";
my $document = decode_json(join "", <STDIN>);
print "$document->{name} ", scalar @{$document->{tags}}, " ", $document->{n} + 1, "\n";
print JSON::PP->new->canonical->sort_by(sub { $JSON::PP::b cmp $JSON::PP::a })
	->encode({ok => JSON::PP::true, list => [1, 2, 3]}), "\n";
