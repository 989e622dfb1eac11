console.log("before");

function fail() {
	throw new Error("the end");
}

fail();
