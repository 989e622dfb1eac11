console.log("before");

function fail(): never {
	throw new Error("the end");
}

fail();
