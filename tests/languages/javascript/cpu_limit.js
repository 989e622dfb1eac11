console.log("begin");
for (;;)
	;
