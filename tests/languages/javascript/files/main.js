const { answer } = require("./lib/answer.js");

console.log(answer());
