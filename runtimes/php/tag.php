<?php
// SPDX-License-Identifier: Apache-2.0
// PHP runs this before it reads the program. One that has no tag at all is code, not a page: it gets the tag,
// on its first line, so that all numbers of lines stay.
(function () {
	$name = $_SERVER["SCRIPT_FILENAME"];
	$text = file_get_contents($name);
	if (strpos($text, "<?") === false)
		file_put_contents($name, "<?php $text");
})();
