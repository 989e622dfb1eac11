<?php
$document = json_decode(stream_get_contents(STDIN));
echo $document->name, " ", count($document->tags), " ", $document->n + 1, "\n";
echo json_encode(["ok" => true, "list" => [1, 2, 3]]), "\n";
