use lib "lib";
use Answer;

print Answer::text(), "\n";
