import process from "node:process";
import { Buffer } from "node:buffer";

process.stdout.write(Buffer.from(Array.from({ length: 256 }, (_, i) => i)));
