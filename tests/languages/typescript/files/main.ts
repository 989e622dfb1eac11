import { answer } from "./lib/answer.ts";

console.log(answer());
