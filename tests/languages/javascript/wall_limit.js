console.log("begin");
setTimeout(() => {}, 60000);
